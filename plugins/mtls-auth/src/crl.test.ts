import { X509Certificate } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { Crl, readCrls } from './crl.ts'
import { DerError } from './der.ts'
import { burnBooks, createAuthority } from './pki.fixture.ts'

const [rsa, ec] = [createAuthority('root', 'rsa'), createAuthority('root')]
const gone = ['first', 'second'].map((commonName) => rsa.issue({ commonName }))
for (const each of gone) rsa.revoke(each)
afterAll(burnBooks)

const certificate = (pem: string): X509Certificate => new X509Certificate(pem)
const pss = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest']

test.each([
  ['RSA', rsa, ec, () => rsa.crl()],
  ['RSA-PSS', rsa, ec, () => rsa.crl({ more: pss })],
  ['ECDSA', ec, rsa, () => ec.crl()],
])('a list of openssl, signed with %s', (_kind, issuer, other, issue) => {
  const [crl, ...more] = readCrls(Buffer.from(issue()))
  expect(more).toEqual([])
  expect(crl?.isSignedBy(certificate(issuer.cert))).toBe(true)
  // The other authority has the same name.
  expect(crl?.isSignedBy(certificate(other.cert))).toBe(false)
})

test('what is revoked, and from when to when it holds', () => {
  const [crl] = readCrls(Buffer.from(rsa.crl({ from: -2, to: 3 })))
  const serials = gone.map(({ cert }) => certificate(cert).serialNumber.toLowerCase())
  expect([...(crl?.revoked ?? [])].toSorted()).toEqual(serials.toSorted())
  const days = [crl?.thisUpdate, crl?.nextUpdate].map((time) =>
    Math.round(((time ?? 0) - Date.now()) / 86_400_000),
  )
  expect(days).toEqual([-2, 3])
})

const pem = rsa.crl()
const der = Buffer.from(pem.replaceAll(/-----.+?-----|\s/g, ''), 'base64')

test('a file holds one list in DER, or some in PEM', () => {
  expect(readCrls(der)).toHaveLength(1)
  expect(readCrls(Buffer.from(`some words\n${pem}${ec.crl()}`))).toHaveLength(2)
  for (const nothing of ['', 'nothing', ec.cert]) {
    expect(() => readCrls(Buffer.from(nothing))).toThrow('there is no revocation list in it')
  }
})

test('a list of differences, or of a part, is refused by its name', () => {
  const partial = ec.crl({
    more: ['-crlexts', 'partial'],
    config: '[partial]\nissuingDistributionPoint=critical,onlyuser:TRUE\n',
  })
  expect(() => readCrls(Buffer.from(partial))).toThrow(
    'it has a critical extension (issuing distribution point), which is not supported',
  )
})

test('openssl reads the same serials', () => {
  const text = execFileSync('openssl', ['crl', '-inform', 'DER', '-text', '-noout'], { input: der })
  const serials = [...String(text).matchAll(/Serial Number: (\w+)/g)].map(([, serial = '']) =>
    serial.toLowerCase(),
  )
  expect(serials.toSorted()).toEqual([...new Crl(der).revoked].toSorted())
})

test('whatever the bytes are, they are read or refused, and what was changed is not signed', () => {
  const authority = certificate(rsa.cert)
  const change = fc.record({
    at: fc.nat(der.length - 1),
    to: fc.nat(255),
    cut: fc.option(fc.nat(der.length), { freq: 10 }),
  })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      let bytes = Buffer.from(der)
      for (const { at, to, cut } of changes) {
        if (at < bytes.length) bytes[at] = to
        if (cut !== null) bytes = bytes.subarray(0, cut)
      }
      const isSame = bytes.equals(der)
      try {
        expect(new Crl(bytes).isSignedBy(authority)).toBe(isSame)
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

test('every list comes back as it was written', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.bigInt({ min: 0n, max: 2n ** 159n }), { maxLength: 300 }),
      fc.option(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), {
        nil: undefined,
      }),
      (serials, next) => {
        const crl = new Crl(write(serials, next))
        expect([...crl.revoked]).toEqual(serials.map(hexOf))
        expect(crl.thisUpdate).toBe(1000)
        expect(crl.nextUpdate).toBe(next ? Math.floor(next.getTime() / 1000) * 1000 : Infinity)
      },
    ),
    { numRuns: 200 },
  )
})
