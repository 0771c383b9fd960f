import { X509Certificate } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { namesOf, pathOf, readCertificates } from './certificates.ts'
import { burnBooks, createAuthority } from './pki.fixture.ts'

const root = createAuthority('root')
const other = createAuthority('other')
const between = root.below('between')
const leaf = between.issue({ commonName: 'leaf' })
afterAll(burnBooks)

const read = (pem: string): X509Certificate => new X509Certificate(pem)
const [theRoot, theOther, theBetween, theLeaf] = [root, other, between, leaf].map(({ cert }) =>
  read(cert),
) as [X509Certificate, X509Certificate, X509Certificate, X509Certificate]
const subjects = (path: readonly X509Certificate[] | undefined) => path?.map((each) => each.subject)

test('names and serials, as bytes', () => {
  expect(namesOf(theLeaf).issuer).toBe(namesOf(theBetween).subject)
  expect(namesOf(theRoot).issuer).toBe(namesOf(theRoot).subject)
  expect(BigInt(`0x${namesOf(theLeaf).serial}`)).toBe(BigInt(`0x${theLeaf.serialNumber}`))
})

test('all certificates of a text', () => {
  expect(readCertificates(`words\n${leaf.cert}${between.cert}`)).toHaveLength(2)
  expect(readCertificates('')).toEqual([])
})

test('the way to the root, with what the client sent and what is configured', () => {
  const whole = ['CN=leaf', 'CN=between', 'CN=root']
  expect(subjects(pathOf(theLeaf, [theBetween], [theRoot]))).toEqual(whole)
  expect(subjects(pathOf(theLeaf, [], [theRoot, theBetween]))).toEqual(whole)
  expect(subjects(pathOf(theLeaf, [theOther, theBetween], [theRoot]))).toEqual(whole)
  expect(subjects(pathOf(theLeaf, [], [theBetween]))).toEqual(['CN=leaf', 'CN=between'])
  expect(subjects(pathOf(theRoot, [], [theRoot]))).toEqual(['CN=root'])
})

test('what leads to no authority has no way', () => {
  expect(pathOf(theLeaf, [], [theRoot])).toBeUndefined()
  expect(pathOf(theLeaf, [theBetween, theRoot], [theOther])).toBeUndefined()
})

test('who is no authority issues nothing', () => {
  const impostor = read(root.issue({ commonName: 'between' }).cert)
  expect(pathOf(theLeaf, [impostor], [theRoot])).toBeUndefined()
})
