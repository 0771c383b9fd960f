import fc from 'fast-check'
import { BlockList } from 'node:net'
import { expect, test } from 'vitest'
import { ipv4Number, ipv6Between } from '@kong-ts/pdk'
import { hasIpv4, hasIpv6, RangesBuilder } from './ranges.ts'

const wordsOf = (text: string) => ipv6Between(text, 0, text.length) ?? new Uint32Array(4)

test('ranges inside others are gone, and those that touch are one', () => {
  const builder = new RangesBuilder()
  for (const [address, prefix] of [
    ['10.0.1.7', 24],
    ['10.0.0.0', 24],
    ['10.0.0.9', 32],
    ['192.0.2.0', 30],
    ['0.0.0.0', 32],
    ['255.255.255.255', 32],
  ] as const) {
    builder.addIpv4(ipv4Number(address) ?? 0, prefix)
  }
  expect([...builder.build().ipv4]).toEqual(
    [
      ['0.0.0.0', '0.0.0.0'],
      ['10.0.0.0', '10.0.1.255'],
      ['192.0.2.0', '192.0.2.3'],
      ['255.255.255.255', '255.255.255.255'],
    ].flatMap((bounds) => bounds.map((text) => ipv4Number(text))),
  )
})

// Few addresses that are close together, so that networks meet.
const nibble = fc.integer({ min: 0, max: 3 })
const ipv4 = fc.tuple(nibble, nibble, fc.nat(255)).map(([a, b, c]) => `10.${a}.${b}.${c}`)
const ipv6 = fc
  .tuple(nibble, nibble, nibble, fc.nat(65_535))
  .map(([a, b, c, d]) => `2001:${a}::${b.toString(16)}:${c}:${d.toString(16)}`)

test('whatever the list, an IPv4 address is in it when it is in that of Node', () => {
  const network = fc.tuple(ipv4, fc.integer({ min: 12, max: 32 }))
  const property = fc.property(fc.array(network), fc.array(ipv4), (networks, addresses) => {
    const [list, builder] = [new BlockList(), new RangesBuilder()]
    for (const [address, prefix] of networks) {
      list.addSubnet(address, prefix, 'ipv4')
      builder.addIpv4(ipv4Number(address) ?? 0, prefix)
    }
    const bounds = builder.build().ipv4
    for (const text of [...addresses, ...networks.map(([address]) => address)]) {
      expect([text, hasIpv4(bounds, ipv4Number(text) ?? 0)]).toEqual([text, list.check(text)])
    }
  })
  expect(fc.assert(property, { numRuns: 300 })).toBeUndefined()
})

test('whatever the list, an IPv6 address is in it when it is in that of Node', () => {
  const network = fc.tuple(
    ipv6,
    fc.constantFrom(0, 1, 16, 31, 32, 33, 64, 80, 95, 96, 110, 127, 128),
  )
  const property = fc.property(fc.array(network), fc.array(ipv6), (networks, addresses) => {
    const [list, builder] = [new BlockList(), new RangesBuilder()]
    for (const [address, prefix] of networks) {
      // The least that Node's list takes is 1.
      const whole = ['::/1', '8000::/1'].map((text) => text.split('/')[0] ?? '')
      if (prefix === 0) for (const half of whole) list.addSubnet(half, 1, 'ipv6')
      else list.addSubnet(address, prefix, 'ipv6')
      builder.addIpv6(wordsOf(address), prefix)
    }
    const bounds = builder.build().ipv6
    for (const text of [...addresses, ...networks.map(([address]) => address)]) {
      const found = hasIpv6(bounds, wordsOf(text))
      expect([text, found]).toEqual([text, list.check(text, 'ipv6')])
    }
  })
  expect(fc.assert(property, { numRuns: 300 })).toBeUndefined()
})
