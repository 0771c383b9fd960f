import { expect, test } from 'vitest'
import { ownListeners } from './own-listeners.ts'

const machine = { addresses: () => ['192.0.2.7', '2001:db8::7', 'fe80::1%eth0'], now: () => 0 }

function own(address: string, ipv6Only = false): (text: string) => boolean {
  const isOwn = ownListeners([{ address, port: 9000, ipv6Only }], machine)
  return (ip) => isOwn(ip, 9000)
}

test.each([
  ['127.0.0.1', ['127.0.0.1', '::ffff:127.0.0.1', '0.0.0.0'], ['127.0.0.2', '::1', '192.0.2.7']],
  ['192.0.2.7', ['192.0.2.7'], ['127.0.0.1', '192.0.2.8']],
  ['::1', ['::1', '0000:0000:0000:0000:0000:0000:0000:0001', '::'], ['127.0.0.1', '2001:db8::7']],
  ['0.0.0.0', ['127.0.0.1', '127.9.9.9', '192.0.2.7', '0.0.0.0'], ['192.0.2.8', '::1']],
  ['::', ['::1', '::', '127.0.0.1', '192.0.2.7', '2001:db8::7', 'fe80::1'], ['2001:db8::8']],
  ['unix:/run/a', ['unix:/run/a'], ['unix:/run/b', '127.0.0.1']],
])('a listener on %s', (address, ours, others) => {
  const isOwn = own(address)
  expect(ours.filter((ip) => !isOwn(ip))).toEqual([])
  expect(others.filter(isOwn)).toEqual([])
})

test('a listener of IPv6 alone leaves IPv4 to others', () => {
  expect(own('::', true)('127.0.0.1')).toBe(false)
  expect(own('::', true)('::1')).toBe(true)
})

test('another port is somebody else’s, and the machine is not asked about it', () => {
  const isOwn = ownListeners([{ address: '0.0.0.0', port: 9000, ipv6Only: false }], {
    ...machine,
    addresses: () => expect.fail('nobody has to know'),
  })
  expect(isOwn('192.0.2.7', 9001)).toBe(false)
})

test('an address that the machine gets later is found after a while', () => {
  let [now, addresses] = [0, ['192.0.2.7']]
  const listener = { address: '0.0.0.0', port: 1, ipv6Only: false }
  const isOwn = ownListeners([listener], { addresses: () => addresses, now: () => now })
  expect(isOwn('192.0.2.8', 1)).toBe(false)
  addresses = ['192.0.2.8']
  now = 60_000
  expect(isOwn('192.0.2.8', 1)).toBe(true)
})
