import { X509Certificate } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { examineLists } from './examine-lists.ts'
import { burnBooks, createAuthority } from './pki.fixture.ts'
import { readCrls } from './read-crl.ts'

const root = createAuthority('root')
const between = root.below('between')
const namesake = createAuthority('root')
afterAll(burnBooks)

const authorities = [new X509Certificate(root.cert)]
const read = async (...texts: string[]) => readCrls(Buffer.from(texts.join('\n')))

test('who says it is of an authority has to be signed by it; one of an intermediate is looked at later', async () => {
  await examineLists(await read(root.crl(), between.crl()), undefined, authorities)
  await expect(
    examineLists(await read(root.crl(), namesake.crl()), undefined, authorities),
  ).rejects.toThrow('the revocation list is not signed by CN=root')
  const both = [...authorities, new X509Certificate(namesake.cert)]
  await examineLists(await read(root.crl(), namesake.crl()), undefined, both)
})

test('an older list does not come back, of whichever issuer', async () => {
  const before = await read(root.crl({ from: -2 }), between.crl({ from: -2 }))
  await examineLists(before, before, authorities)
  await examineLists(await read(root.crl({ from: -1 })), before, authorities)
  for (const old of [root.crl({ from: -3 }), between.crl({ from: -3 })]) {
    await expect(examineLists(await read(old), before, authorities)).rejects.toThrow(
      /^the revocation list is of \S+ \(number \d+\), and the one in force of \S+ \(number \d+\)$/,
    )
  }
  // Of two keys of one name the newest list counts.
  await examineLists(
    await read(root.crl({ from: -3 }), root.crl({ from: -1 })),
    before,
    authorities,
  )
})

test('of two lists of one second the one with the higher number is the newer', async () => {
  const issuer = createAuthority('busy')
  const authority = [new X509Certificate(issuer.cert)]
  const more = ['-crl_lastupdate', '20260101000000Z']
  const [older, newer] = [await read(issuer.crl({ more })), await read(issuer.crl({ more }))]
  expect(older[0]?.thisUpdate).toBe(newer[0]?.thisUpdate)
  await examineLists(newer, older, authority)
  await examineLists(newer, newer, authority)
  await expect(examineLists(older, newer, authority)).rejects.toThrow(
    'the revocation list is of 2026-01-01T00:00:00.000Z (number 1), and the one in force of ' +
      '2026-01-01T00:00:00.000Z (number 2)',
  )
})
