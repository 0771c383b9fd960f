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
      /^the revocation list is of \S+, and the one in force of \S+$/,
    )
  }
  // Of two keys of one name the newest list counts.
  await examineLists(
    await read(root.crl({ from: -3 }), root.crl({ from: -1 })),
    before,
    authorities,
  )
})
