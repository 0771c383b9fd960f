import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readProxyHeader } from './read-header.ts'
import { checked, ipv4Block, read, signature, tlv, unixBlock, v2 } from './proxy-header.fixture.ts'

const addresses = {
  source: { address: '10.1.2.3', port: 4000 },
  destination: { address: '10.9.8.7', port: 443 },
}
const ipv6Block = Buffer.from(
  '20010db800000000000000000000000100000000000000000000ffff0a00000200010002',
  'hex',
)

test('IPv4, IPv6, and what an address of IPv6 holds of IPv4', () => {
  expect(read(v2())).toEqual({
    kind: 'header',
    header: { version: 2, addresses, tlvs: {} },
    length: 28,
  })
  expect(read(v2([ipv6Block], { family: 0x21 }))).toMatchObject({
    header: {
      addresses: {
        source: { address: '2001:db8::1', port: 1 },
        destination: { address: '10.0.0.2', port: 2 },
      },
    },
    length: 52,
  })
})

test('what follows the header is not looked at, another header included', () => {
  const header = v2([ipv4Block, tlv(2, 'a.example')])
  expect(read(Buffer.concat([header, header]))).toMatchObject({ length: header.length })
})

const noise = Buffer.from([1, 2, 3, 4, 5])

test.each([
  ['LOCAL', v2([], { command: 0x20, family: 0 })],
  ['LOCAL with addresses', v2([ipv4Block], { command: 0x20 })],
  ['LOCAL with anything', v2([noise], { command: 0x20, family: 0xff })],
  ['LOCAL with a wrong checksum', v2([tlv(3, [1, 2, 3, 4])], { command: 0x20 })],
  ['an unspecified family', v2([noise], { family: 0x00 })],
  ['an unspecified family of streams', v2([noise], { family: 0x01 })],
  ['an unspecified protocol', v2([ipv4Block], { family: 0x10 })],
])('%s leaves the addresses as they are', (_, bytes) => {
  expect(read(bytes)).toEqual({
    kind: 'header',
    header: { version: 2, tlvs: {} },
    length: bytes.length,
  })
})

test('a unix socket leaves the addresses as they are, and its TLVs count', () => {
  expect(read(v2([unixBlock, tlv(2, 'a.example')], { family: 0x31 }))).toMatchObject({
    header: { version: 2, tlvs: { authority: 'a.example' } },
  })
})

test.each([
  ['version 1 in binary', v2([], { command: 0x11 }), 'the version is neither 1 nor 2'],
  ['version 3', v2([], { command: 0x31 }), 'the version is neither 1 nor 2'],
  ['an unknown command', v2([], { command: 0x22 }), 'the command is neither LOCAL nor PROXY'],
  ['UDP', v2([ipv4Block], { family: 0x12 }), 'datagrams are not served'],
  ['UDP over IPv6', v2([ipv6Block], { family: 0x22 }), 'datagrams are not served'],
  ['unix datagrams', v2([unixBlock], { family: 0x32 }), 'datagrams are not served'],
  ['an unknown family', v2([ipv4Block], { family: 0x41 }), 'there is no such family or protocol'],
  ['an unknown protocol', v2([ipv4Block], { family: 0x13 }), 'there is no such family or protocol'],
  ['IPv4 cut short', v2([ipv4Block.subarray(0, 11)]), 'a port runs past the end'],
  ['no address', v2([]), 'an address runs past the end'],
  ['IPv6 cut short', v2([ipv4Block], { family: 0x21 }), 'an address runs past the end'],
  ['unix cut short', v2([ipv6Block], { family: 0x31 }), 'the addresses runs past the end'],
  ['a TLV cut short', v2([ipv4Block, Buffer.from([2, 0])]), 'a TLV runs past the end'],
  ['a TLV too long', v2([ipv4Block, Buffer.from([2, 0, 9, 1])]), 'a TLV runs past the end'],
  ['a length of 65535', v2([], { length: 65535 }), 'the header is longer than 4096 bytes'],
])('%s is malformed', (_, bytes, reason) => {
  expect(read(bytes)).toEqual({ kind: 'malformed', reason })
})

test('4096 bytes are taken, one more is refused before it comes', () => {
  const filler = (length: number) => v2([ipv4Block, tlv(4, new Uint8Array(length - 31))])
  expect(read(filler(4096))).toMatchObject({ kind: 'header', length: 4096 })
  expect(read(filler(4097).subarray(0, 16))).toMatchObject({ kind: 'malformed' })
})

test('the checksum is checked, wherever it stands', () => {
  expect(read(checked())).toMatchObject({ header: { version: 2, addresses, tlvs: {} } })
  expect(read(checked([tlv(2, 'a.example')]))).toMatchObject({
    header: { addresses, tlvs: { authority: 'a.example' } },
  })
  expect(read(checked([], 1))).toEqual({ kind: 'malformed', reason: 'the checksum is wrong' })
  // It covers the header alone, not what follows.
  expect(read(Buffer.concat([checked(), noise]))).toMatchObject({ kind: 'header' })
  // Also where the header is a view into a larger buffer.
  const inside = Buffer.concat([noise, checked(), noise])
  const before = Buffer.from(inside)
  expect(readProxyHeader(inside.subarray(noise.length))).toMatchObject({ kind: 'header' })
  expect(inside).toEqual(before)
})

test('any bit that is turned is noticed where there is a checksum', () => {
  const header = checked([tlv(2, 'a.example')])
  fc.assert(
    fc.property(fc.nat(header.length * 8 - 1), (bit) => {
      const turned = Buffer.from(header)
      turned[bit >> 3]! ^= 1 << (bit & 7)
      // LOCAL, an unspecified protocol and the type of the checksum itself are what it cannot guard.
      const isUnguarded = [12, 13, 28].includes(bit >> 3)
      expect(isUnguarded || read(turned).kind !== 'header').toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('whatever follows the signature is read or refused, and never beyond its length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, isLikely) => {
      const start = isLikely ? Buffer.from([0x21, 0x11, 0, bytes.length]) : Buffer.alloc(0)
      const parsed = read(Buffer.concat([signature, start, bytes]))
      if (parsed.kind === 'more') expect(parsed.atLeast).toBeLessThanOrEqual(4096)
      const length = parsed.kind === 'header' ? parsed.length : 0
      expect(length).toBeLessThanOrEqual(16 + bytes.length)
    }),
    { numRuns: 2_000 },
  )
})
