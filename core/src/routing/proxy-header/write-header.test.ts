import fc from 'fast-check'
import { expect, test } from 'vitest'
import { read, v2 } from './proxy-header.fixture.ts'
import { writeProxyHeader } from './write-header.ts'

const end = (address: string, port: number) => ({ address, port })
const pair = (source: string, destination: string) => ({
  addresses: { source: end(source, 4000), destination: end(destination, 443) },
})
const line = (told: Parameters<typeof writeProxyHeader>[1]) =>
  Buffer.from(writeProxyHeader('v1', told)).toString()
const binary = (told: Parameters<typeof writeProxyHeader>[1]) =>
  Buffer.from(writeProxyHeader('v2', told))

test.each([
  ['10.1.2.3', '10.9.8.7', 'TCP4 10.1.2.3 10.9.8.7 4000 443'],
  ['2001:DB8::1', '::1', 'TCP6 2001:db8::1 ::1 4000 443'],
  ['::ffff:10.1.2.3', '10.9.8.7', 'TCP4 10.1.2.3 10.9.8.7 4000 443'],
  ['10.1.2.3', '::1', 'TCP6 ::ffff:a01:203 ::1 4000 443'],
  ['::1', '10.9.8.7', 'TCP6 ::1 ::ffff:a09:807 4000 443'],
  ['fe80::1%eth0', 'fe80::2', 'TCP6 fe80::1 fe80::2 4000 443'],
  ['unix:', 'unix:/run/a.sock', 'UNKNOWN'],
  ['10.1.2.3', 'unix:/run/a.sock', 'UNKNOWN'],
])('v1: %s to %s', (source, destination, expected) => {
  expect(line(pair(source, destination))).toBe(`PROXY ${expected}\r\n`)
})

test('v2: the same, in binary', () => {
  expect(binary(pair('10.1.2.3', '10.9.8.7'))).toEqual(v2())
  const mixed = binary(pair('10.1.2.3', '2001:db8::1'))
  expect(mixed.toString('hex', 12)).toBe(
    '2121 0024 00000000000000000000ffff0a010203 20010db8000000000000000000000001 0fa0 01bb'.replaceAll(
      ' ',
      '',
    ),
  )
})

test('v2: unix sockets by their paths', () => {
  const header = binary(pair('unix:', 'unix:/run/a.sock'))
  expect(header).toHaveLength(16 + 216)
  expect([header[12], header[13]]).toEqual([0x21, 0x31])
  expect(header.toString('latin1', 16).replaceAll('\0', '')).toBe('/run/a.sock')
  expect(header.indexOf('/run/a.sock')).toBe(16 + 108)
  const long = binary(pair('unix:', `unix:/${'x'.repeat(200)}`))
  expect(long).toHaveLength(16 + 216)
})

test('v2: what has no family is unspecified', () => {
  expect(binary(pair('10.1.2.3', 'unix:/run/a.sock'))).toEqual(v2([], { family: 0 }))
})

test('whoever speaks for itself', () => {
  expect(line({})).toBe('PROXY UNKNOWN\r\n')
  expect(binary({})).toEqual(v2([], { command: 0x20, family: 0 }))
})

test('what is written is read again', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('::ffff:1.2.3.4'))
  const endpoint = fc.record({ address, port: fc.nat(65_535) })
  const word = fc.string({ minLength: 1, maxLength: 40, unit: 'binary' })
  const tlvs = fc.record(
    {
      authority: word,
      alpn: fc.stringMatching(/^[ -~]{1,30}$/),
      uniqueId: fc.uint8Array({ minLength: 1, maxLength: 128 }),
      namespace: word,
      ssl: fc.record({ tls: fc.boolean(), verified: fc.constant(false), version: word, cn: word }),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(endpoint, endpoint, tlvs, fc.boolean(), (source, destination, facts, checksum) => {
      const told = { addresses: { source, destination }, tlvs: facts, checksum }
      const inBinary = read(binary(told))
      if (inBinary.kind !== 'header') throw new Error(JSON.stringify(inBinary))
      expect(inBinary.header.tlvs).toEqual(facts)
      const inText = read(line(told))
      if (inText.kind !== 'header') throw new Error(JSON.stringify(inText))
      expect(inText.header.addresses).toEqual(inBinary.header.addresses)
      expect(inText.header.addresses?.source.port).toBe(source.port)
    }),
  )
})
