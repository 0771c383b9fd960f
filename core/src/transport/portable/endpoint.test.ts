import { expect, test } from 'vitest'
import { endpointOf, unixPath } from './endpoint.ts'

test('an IPv4 address inside an IPv6 one is written as itself', () => {
  expect(endpointOf('::ffff:10.0.0.1', 5)).toEqual({ address: '10.0.0.1', port: 5 })
  expect(endpointOf('::1', 5)).toEqual({ address: '::1', port: 5 })
  expect(endpointOf('::ffff:0:1', 5).address).toBe('::ffff:0:1')
})

test('a unix socket is known by its prefix', () => {
  expect(unixPath({ address: 'unix:/run/a', port: 0 })).toBe('/run/a')
  expect(unixPath({ address: '10.0.0.1', port: 0 })).toBeUndefined()
})
