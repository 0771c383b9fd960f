import { expect, test } from 'vitest'
import type { ClientTls } from '../transport.ts'
import { ContextCache } from './context-cache.ts'

function counting() {
  let made = 0
  const cache = new ContextCache((options: ClientTls) => {
    made += 1
    if (options.certificate?.key === 'broken') throw new Error('it does not fit')
    return made
  })
  return { cache, count: () => made }
}

test('equal options share what was made, and names do not count', () => {
  const { cache, count } = counting()
  const options = { verify: true, ca: ['a'] }
  const first = cache.for(options)
  expect(cache.for(options)).toBe(first)
  expect(cache.for({ verify: true, ca: ['a'], serverName: 'x' })).toBe(first)
  expect(cache.for({ verify: true, ca: ['b'] })).not.toBe(first)
  expect(count()).toBe(2)
})

test('what throws is tried again', () => {
  const { cache, count } = counting()
  const options = { verify: false, certificate: { cert: 'x', key: 'broken' } }
  expect(() => cache.for(options)).toThrow('it does not fit')
  expect(() => cache.for(options)).toThrow('it does not fit')
  expect(count()).toBe(2)
})

test('the least used is dropped when there are many', () => {
  const { cache, count } = counting()
  const nth = (index: number) => ({ verify: true, ca: [`${index}`] })
  for (let index = 0; index < 256; index += 1) cache.for(nth(index))
  cache.for(nth(0))
  cache.for(nth(256))
  expect(count()).toBe(257)
  cache.for(nth(0))
  expect(count()).toBe(257)
  cache.for(nth(1))
  expect(count()).toBe(258)
})
