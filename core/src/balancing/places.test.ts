import { expect, test } from 'vitest'
import type { Answer } from './names.ts'
import { peerKey, placesOf } from './places.ts'

const sought = { host: 'up.test', port: 80, weight: 100, useSrvName: false }

const placed = (answer: Answer, more: Partial<typeof sought> = {}) =>
  placesOf({ ...sought, ...more }, answer).map(({ ip, port, weight, host, spare }) => {
    return [peerKey(ip, port), weight, host, spare]
  })

test('addresses of IPv4 are the places, those of IPv6 are to spare', () => {
  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '2001:db8::1', '2001:db8::2']
  expect(placed({ type: 'A', addresses: addresses.map((ip) => ({ ip })) })).toEqual([
    ['10.0.0.1:80', 100, 'up.test', '2001:db8::1'],
    ['10.0.0.2:80', 100, 'up.test', '2001:db8::2'],
    ['10.0.0.3:80', 100, 'up.test', '2001:db8::1'],
  ])
  expect(placed({ type: 'AAAA', addresses: [{ ip: '2001:db8::1' }] })).toEqual([
    ['[2001:db8::1]:80', 100, 'up.test', undefined],
  ])
})

test('an SRV record has its own port, weight and name; the spare address is of the same record', () => {
  const addresses = [
    { ip: '10.0.0.1', port: 81, weight: 7, name: 'a.test' },
    { ip: '10.0.0.2', port: 0, weight: 1, name: 'b.test' },
    { ip: '2001:db8::2', port: 0, weight: 1, name: 'b.test' },
    { ip: '2001:db8::3', port: 83, weight: 2, name: 'c.test' },
  ]
  expect(placed({ type: 'SRV', addresses })).toEqual([
    ['10.0.0.1:81', 7, 'up.test', undefined],
    ['10.0.0.2:80', 1, 'up.test', '2001:db8::2'],
    ['[2001:db8::3]:83', 2, 'up.test', undefined],
  ])
  const named = placed({ type: 'SRV', addresses }, { useSrvName: true })
  expect(named.map(([, , host]) => host)).toEqual(['a.test', 'b.test', 'c.test'])
  const drained = placed({ type: 'SRV', addresses }, { weight: 0 })
  expect(drained.map(([, weight]) => weight)).toEqual([0, 0, 0])
})

test('a unix socket has no port', () => {
  const path = { ip: 'unix:/run/a' }
  expect(placed({ type: 'A', addresses: [path] })).toEqual([
    ['unix:/run/a', 100, 'up.test', undefined],
  ])
})
