import { BlockList, isIPv4 } from 'node:net'
import { expect, test } from 'vitest'
import { ipv4Number, ipv4Range, Ipv4Ranges } from './ipv4-ranges.ts'

test.each([
  '0.0.0.0',
  '255.255.255.255',
  '10.0.0.7',
  '256.0.0.1',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.',
  '.1.2.3',
  '1..2.3',
  '01.2.3.4',
  '1.2.3.4 ',
  '1.2.3.x',
  '1.2.3.4%eth0',
  '::1',
  '::ffff:1.2.3.4',
  '',
])('%j is an address here when it is one for Node', (text) => {
  expect(ipv4Number(text) !== undefined).toBe(isIPv4(text))
})

test('the number of an address, and the range of a prefix', () => {
  expect(ipv4Number('10.1.2.3')).toBe(0x0a010203)
  expect(ipv4Number('255.255.255.255')).toBe(0xffffffff)
  expect(ipv4Range('10.1.2.3', 8)).toEqual([0x0a000000, 0x0affffff])
  expect(ipv4Range('10.1.2.3', 32)).toEqual([0x0a010203, 0x0a010203])
  expect(ipv4Range('10.1.2.3', 0)).toEqual([0, 0xffffffff])
})

/** Numbers without chance, so that a failure comes back: a linear congruential generator. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) yield (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0)
}

test('whatever the list, an address is in it when it is in that of Node', () => {
  const random = numbers(7)
  const next = (below: number): number => Math.floor((random.next().value / 2 ** 32) * below)
  const address = () => `10.${next(3)}.${next(4)}.${next(256)}`
  for (let trial = 0; trial < 60; trial++) {
    const list = new BlockList()
    const ranges = Array.from({ length: next(12) }, () => {
      const [text, prefix] = [address(), 14 + next(19)] as const
      list.addSubnet(text, prefix, 'ipv4')
      return ipv4Range(text, prefix)
    })
    const own = new Ipv4Ranges(ranges)
    for (let count = 0; count < 50; count++) {
      const text = address()
      expect([text, own.has(ipv4Number(text) ?? -1)]).toEqual([text, list.check(text)])
    }
  }
})
