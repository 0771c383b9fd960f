import { X509Certificate } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { Crl } from './crl.ts'
import { burnBooks, createAuthority } from './pki.fixture.ts'
import { readCrls } from './read-crl.ts'
import { RevocationLists } from './revocation-lists.ts'

const root = createAuthority('root')
const between = root.below('between')
const [alice, bob] = [root.issue({ commonName: 'alice' }), between.issue({ commonName: 'bob' })]
const empty = root.crl({ from: -3 })
const emptyBetween = between.crl()
root.revoke(alice)
const forAlice = root.crl({ from: -2, to: 1 })
root.revoke(between)
const forBetween = root.crl()
afterAll(burnBooks)

const day = 86_400_000
const read = ({ cert }: { readonly cert: string }): X509Certificate => new X509Certificate(cert)
const [ofAlice, ofBob] = [[alice, root].map(read), [bob, between, root].map(read)]
const standing = async (
  path: readonly X509Certificate[],
  texts: readonly string[],
  now = Date.now(),
) => {
  const facts = await Promise.all(texts.map((text) => readCrls(Buffer.from(text))))
  return new RevocationLists(facts.flat().map((each) => new Crl(each))).standingOf(path, now)
}

test('who is on the list, and who is not', async () => {
  expect(await standing(ofAlice, [forAlice])).toEqual({ is: 'revoked', subject: 'CN=alice' })
  expect(await standing(ofBob, [forAlice, emptyBetween])).toEqual({ is: 'good' })
})

test('everything above the certificate counts, whatever is not known of the rest', async () => {
  expect(await standing(ofBob, [forBetween])).toEqual({ is: 'revoked', subject: 'CN=between' })
  expect(await standing(ofBob, [emptyBetween])).toEqual({
    is: 'unknown',
    why: 'there is no revocation list of CN=root',
  })
})

test('the newest list counts', async () => {
  expect(await standing(ofAlice, [empty])).toEqual({ is: 'good' })
  expect(await standing(ofAlice, [empty, forAlice])).toMatchObject({ is: 'revoked' })
  expect(await standing(ofAlice, [forAlice, empty])).toMatchObject({ is: 'revoked' })
})

test('of two lists of one second the one with the higher number counts', async () => {
  const hasty = createAuthority('hasty')
  const carol = hasty.issue({ commonName: 'carol' })
  const more = ['-crl_lastupdate', '20260101000000Z']
  const before = hasty.crl({ more })
  hasty.revoke(carol)
  const after = hasty.crl({ more })
  const path = [carol, hasty].map(read)
  for (const texts of [
    [before, after],
    [after, before],
  ]) {
    expect(await standing(path, texts)).toEqual({ is: 'revoked', subject: 'CN=carol' })
  }
})

test('who is on an expired list stays revoked; of the others it says nothing any more', async () => {
  const later = Date.now() + 2 * day
  expect(await standing(ofAlice, [forAlice], later)).toMatchObject({ is: 'revoked' })
  const why = 'the revocation list has expired of CN=root'
  expect(await standing(ofBob, [forAlice, emptyBetween], later)).toEqual({ is: 'unknown', why })
})

test('a list of tomorrow, and one that its issuer has not signed, say nothing', async () => {
  const unknown = { is: 'unknown', why: 'there is no revocation list of CN=root' }
  expect(await standing(ofAlice, [forAlice], Date.now() - 5 * day)).toEqual(unknown)
  const namesake = createAuthority('root')
  expect(await standing(ofAlice, [namesake.crl()])).toEqual(unknown)
})

test('a list is asked about an issuer once', async () => {
  const facts = await readCrls(Buffer.from(forAlice))
  const lists = new RevocationLists(facts.map((each) => new Crl(each)))
  const asking = lists.standingOf(ofAlice, Date.now())
  expect(asking).toBeInstanceOf(Promise)
  expect(lists.standingOf(ofBob.slice(1), Date.now())).toBeInstanceOf(Promise)
  await asking
  expect(lists.standingOf(ofAlice, Date.now())).toEqual(await asking)
})
