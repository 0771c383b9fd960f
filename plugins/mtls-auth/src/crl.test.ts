import { X509Certificate } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { Crl } from './crl.ts'
import { DerError } from './der.ts'
import { burnBooks, createAuthority } from './pki.fixture.ts'
import { readCrl, readCrls } from './read-crl.ts'

const [rsa, ec] = [createAuthority('root', 'rsa'), createAuthority('root')]
const gone = ['first', 'second'].map((commonName) => rsa.issue({ commonName }))
for (const each of gone) rsa.revoke(each)
afterAll(burnBooks)

const certificate = (pem: string): X509Certificate => new X509Certificate(pem)
const listsOf = async (pem: string) =>
  (await readCrls(Buffer.from(pem))).map((facts) => new Crl(facts))
const serialOf = (pem: string): string => certificate(pem).serialNumber.toLowerCase()
const pss = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest']

test.each([
  ['RSA', rsa, ec, () => rsa.crl()],
  ['RSA-PSS', rsa, ec, () => rsa.crl({ more: pss })],
  ['ECDSA', ec, rsa, () => ec.crl()],
])('a list of openssl, signed with %s', async (_kind, issuer, other, issue) => {
  const [crl, ...more] = await listsOf(issue())
  expect(more).toEqual([])
  expect(crl?.isSignedBy(certificate(issuer.cert))).toBeUndefined()
  expect(await crl?.verify(certificate(issuer.cert))).toBe(true)
  // The other authority has the same name.
  expect(await crl?.verify(certificate(other.cert))).toBe(false)
  expect([issuer, other].map(({ cert }) => crl?.isSignedBy(certificate(cert)))).toEqual([
    true,
    false,
  ])
})

test('what is revoked, and from when to when it holds', async () => {
  const [crl] = await listsOf(rsa.crl({ from: -2, to: 3 }))
  expect(gone.map(({ cert }) => crl?.has(serialOf(cert)))).toEqual([true, true])
  expect(['', '00', '7f', serialOf(rsa.cert)].map((serial) => crl?.has(serial))).toEqual(
    Array(4).fill(false),
  )
  expect(crl?.facts.serials.count).toBe(2)
  const days = [crl?.facts.thisUpdate, crl?.facts.nextUpdate].map((time) =>
    Math.round(((time ?? 0) - Date.now()) / 86_400_000),
  )
  expect(days).toEqual([-2, 3])
})

const pem = rsa.crl()
const der = Buffer.from(pem.replaceAll(/-----.+?-----|\s/g, ''), 'base64')

test('a file holds one list in DER, or some in PEM', async () => {
  expect(await readCrls(der)).toHaveLength(1)
  // What begins with a nought looks like DER at first.
  expect(await listsOf(`0 some words\n${pem}${ec.crl()}`)).toHaveLength(2)
  for (const nothing of ['', 'nothing', ec.cert]) {
    await expect(listsOf(nothing)).rejects.toThrow('there is no revocation list in it')
  }
  await expect(listsOf(`${ec.crl()}${pem.slice(0, 200)}`)).rejects.toThrow('is cut short')
})

test('a list of differences, or of a part, is refused by its name', async () => {
  const partial = ec.crl({
    more: ['-crlexts', 'partial'],
    config: '[partial]\nissuingDistributionPoint=critical,onlyuser:TRUE\n',
  })
  await expect(listsOf(partial)).rejects.toThrow(
    'it has a critical extension (issuing distribution point), which is not supported',
  )
})

test('openssl reads the same serials', async () => {
  const text = execFileSync('openssl', ['crl', '-inform', 'DER', '-text', '-noout'], { input: der })
  const serials = [...String(text).matchAll(/Serial Number: (\w+)/g)].map(([, serial = '']) =>
    serial.toLowerCase(),
  )
  const crl = new Crl(await readCrl(der))
  expect(serials.map((serial) => crl.has(serial))).toEqual([true, true])
})

test('whatever the bytes are, they are read or refused, and what was changed is not signed', async () => {
  const authority = certificate(rsa.cert)
  const change = fc.record({
    at: fc.nat(der.length - 1),
    to: fc.nat(255),
    cut: fc.option(fc.nat(der.length), { freq: 10 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      let bytes = Buffer.from(der)
      for (const { at, to, cut } of changes) {
        if (at < bytes.length) bytes[at] = to
        if (cut !== null) bytes = bytes.subarray(0, cut)
      }
      const isSame = bytes.equals(der)
      try {
        expect(await new Crl(await readCrl(bytes)).verify(authority)).toBe(isSame)
      } catch (error) {
        expect(error).toBeInstanceOf(DerError)
        expect(isSame).toBe(false)
      }
    }),
    { numRuns: 3000 },
  )
})

/** A list as RFC 5280 section 5.1 writes it, with a signature of nobody. */
function write(serials: readonly bigint[], next: Date | undefined): Buffer {
  const tlv = (tag: number, ...parts: readonly Buffer[]): Buffer => {
    const body = Buffer.concat(parts)
    const digits = body.length.toString(16)
    const length = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
    const head = body.length < 128 ? length : Buffer.from([0x80 | length.length, ...length])
    return Buffer.concat([Buffer.from([tag]), head, body])
  }
  const time = (at: Date): Buffer =>
    tlv(0x18, Buffer.from(`${at.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`))
  const algorithm = tlv(0x30, tlv(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
  const entries = serials.map((serial) =>
    tlv(0x30, tlv(0x02, Buffer.from(hexOf(serial), 'hex')), time(new Date(0))),
  )
  const signed = tlv(
    0x30,
    tlv(0x02, Buffer.from([1])),
    algorithm,
    tlv(0x30),
    time(new Date(1000)),
    ...(next ? [time(next)] : []),
    ...(entries.length > 0 ? [tlv(0x30, ...entries)] : []),
  )
  return tlv(0x30, signed, algorithm, tlv(0x03, Buffer.from([0, 1, 2])))
}

function hexOf(serial: bigint): string {
  const digits = serial.toString(16)
  return digits.padStart(digits.length + (digits.length % 2), '0')
}

test('every list comes back as it was written', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.bigInt({ min: 0n, max: 2n ** 159n }), { maxLength: 300 }),
      fc.option(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), {
        nil: undefined,
      }),
      async (serials, next) => {
        // As it comes from another worker.
        const crl = new Crl(structuredClone(await readCrl(write(serials, next))))
        expect(serials.filter((serial) => !crl.has(hexOf(serial)))).toEqual([])
        const others = serials
          .map((serial) => serial + 1n)
          .filter((each) => !serials.includes(each))
        expect(others.filter((serial) => crl.has(hexOf(serial)))).toEqual([])
        expect(crl.facts.serials.count).toBe(serials.length)
        expect(crl.facts.thisUpdate).toBe(1000)
        expect(crl.facts.nextUpdate).toBe(
          next ? Math.floor(next.getTime() / 1000) * 1000 : Infinity,
        )
      },
    ),
    { numRuns: 200 },
  )
})

test('a serial number that no certificate can have is refused', async () => {
  await expect(readCrl(write([2n ** 600n], undefined))).rejects.toThrow(
    'a serial number is malformed',
  )
})
