import { constants, generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { isSigned, readAlgorithm } from './signature.ts'

const data = Buffer.from('what is signed')
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')

/** Identifiers as RFC 8017, RFC 5758 and RFC 8410 write them. */
const identifiers = {
  rsaSha256: '06 09 2a864886f70d01010b 0500',
  ecdsaSha384: '06 08 2a8648ce3d040303',
  ed25519: '06 03 2b6570',
  pssSha256: '06 09 2a864886f70d01010a 30 0f a00d 300b 06 09 608648016503040201',
}

const { RSA_PKCS1_PSS_PADDING: padding } = constants
test.each([
  ['rsaSha256', rsa, () => sign('sha256', data, rsa.privateKey)],
  ['ecdsaSha384', ec, () => sign('sha384', data, ec.privateKey)],
  ['ed25519', ed, () => sign(undefined, data, ed.privateKey)],
  ['pssSha256', rsa, () => sign('sha256', data, { key: rsa.privateKey, padding, saltLength: 32 })],
] as const)('%s', async (name, pair, make) => {
  const algorithm = readAlgorithm(hex(identifiers[name]))
  const signature = make()
  expect(await isSigned(data, signature, algorithm, pair.publicKey)).toBe(true)
  expect(await isSigned(Buffer.from('another'), signature, algorithm, pair.publicKey)).toBe(false)
  for (const other of [rsa, ec, ed].filter((each) => each !== pair)) {
    expect(await isSigned(data, signature, algorithm, other.publicKey)).toBe(false)
  }
})

test.each([
  ['SHA-1 with RSA', '06 09 2a864886f70d010105 0500', '2a864886f70d010105'],
  ['PSS without parameters, which is SHA-1', '06 09 2a864886f70d01010a', 'cut short'],
  [
    'PSS with SHA-1',
    '06 09 2a864886f70d01010a 30 0b a009 3007 06 05 2b0e03021a',
    'its hash (2b0e03021a) is not supported',
  ],
])('%s is refused', (_what, identifier, why) => {
  expect(() => readAlgorithm(hex(identifier))).toThrow(why)
})
