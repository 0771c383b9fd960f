import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MalformedBytes } from '../byte-reader.ts'
import { tlv } from './proxy-header.fixture.ts'
import { readTlvs } from './read-tlvs.ts'

const facts = (...tlvs: readonly Uint8Array[]) => readTlvs(Buffer.concat(tlvs)).facts
const ssl = (client: number, verify: readonly number[], ...more: readonly Buffer[]) =>
  tlv(0x20, Buffer.concat([Buffer.from([client, ...verify]), ...more]))

test('every type that is known has a name, the others come as they are', () => {
  expect(
    facts(
      tlv(1, 'h2'),
      tlv(2, 'bücher.example'),
      tlv(4, 'padding'),
      tlv(4, 'more of it'),
      tlv(5, [1, 2, 3]),
      tlv(0x30, 'blue'),
      tlv(0xe4, 'one'),
      tlv(0xea, [1]),
      tlv(0xe4, 'two'),
    ),
  ).toEqual({
    alpn: 'h2',
    authority: 'bücher.example',
    uniqueId: Uint8Array.of(1, 2, 3),
    namespace: 'blue',
    others: [
      { type: 0xe4, value: Uint8Array.from(Buffer.from('one')) },
      { type: 0xea, value: Uint8Array.of(1) },
      { type: 0xe4, value: Uint8Array.from(Buffer.from('two')) },
    ],
  })
})

test('of TLS: what there is', () => {
  const all = ssl(
    7,
    [0, 0, 0, 0],
    tlv(0x21, 'TLSv1.3'),
    tlv(0x22, 'client'),
    tlv(0x23, 'TLS_AES_128_GCM_SHA256'),
    tlv(0x24, 'RSA-SHA256'),
    tlv(0x25, 'RSA2048'),
    tlv(0x26, 'x25519'),
    tlv(0x28, new Uint8Array(1000)),
  )
  expect(facts(all).ssl).toEqual({
    tls: true,
    certificate: 'connection',
    verified: true,
    version: 'TLSv1.3',
    cn: 'client',
    cipher: 'TLS_AES_128_GCM_SHA256',
    sigAlg: 'RSA-SHA256',
    keyAlg: 'RSA2048',
  })
})

test.each([
  [0, [0, 0, 0, 0], { tls: false, verified: false }],
  // HAProxy tells a success where no certificate was asked for.
  [1, [0, 0, 0, 0], { tls: true, verified: false }],
  [5, [0, 0, 0, 0], { tls: true, certificate: 'session', verified: true }],
  [3, [0, 0, 0, 1], { tls: true, certificate: 'connection', verified: false }],
  [3, [1, 0, 0, 0], { tls: true, certificate: 'connection', verified: false }],
])('client %i with the verdict %j', (client, verify, expected) => {
  expect(facts(ssl(client, verify)).ssl).toEqual(expected)
})

test('an empty value tells nothing', () => {
  expect(facts(tlv(1, ''), tlv(2, ''), tlv(4, ''), tlv(5, ''), tlv(0x30, ''))).toEqual({})
  expect(facts(tlv(0xe0, ''))).toEqual({ others: [{ type: 0xe0, value: new Uint8Array() }] })
})

test.each([
  ['two names', [tlv(2, 'a'), tlv(2, 'a')], 'TLV 0x02 comes twice'],
  ['two checksums', [tlv(3, [0, 0, 0, 0]), tlv(3, [0, 0, 0, 0])], 'TLV 0x03 comes twice'],
  ['a checksum of 3 bytes', [tlv(3, [0, 0, 0])], 'the checksum has not 4 bytes'],
  ['a checksum of 5 bytes', [tlv(3, [0, 0, 0, 0, 0])], 'the checksum has not 4 bytes'],
  ['an empty checksum', [tlv(3, '')], 'the checksum has not 4 bytes'],
  ['a name that is no text', [tlv(2, [0xff])], 'the authority is not UTF-8'],
  ['a long unique id', [tlv(5, new Uint8Array(129))], 'the unique id is too long'],
  ['TLS cut short', [tlv(0x20, [1, 0, 0, 0])], 'the TLV of TLS runs past the end'],
  ['TLS with half a TLV', [ssl(1, [0, 0, 0, 0], Buffer.from([0x21, 0, 9]))], 'past the end'],
  ['two versions of TLS', [ssl(1, [0, 0, 0, 0], tlv(0x21, 'a'), tlv(0x21, 'b'))], 'comes twice'],
])('%s', (_, tlvs, reason) => {
  expect(() => facts(...tlvs)).toThrow(MalformedBytes)
  expect(() => facts(...tlvs)).toThrow(reason)
})

test('two hundred are no trouble', () => {
  const many = Array.from({ length: 200 }, (_, index) => tlv(0xe0 + (index % 16), [index]))
  expect(facts(...many).others).toHaveLength(200)
})

test('any bytes are read or malformed, and what is handed out is a copy', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      try {
        readTlvs(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedBytes)
      }
    }),
    { numRuns: 2_000 },
  )
  const bytes = tlv(0xe0, 'a')
  const read = readTlvs(bytes)
  bytes.fill(0)
  expect(read.facts.others?.[0]?.value).toEqual(Uint8Array.of(0x61))
})
