import { expect, test } from 'vitest'
import { fakeClock } from './clock.fixture.ts'
import { NameCache } from './name-cache.ts'

function cacheOf(capacity: number) {
  const asked: string[] = []
  const clock = fakeClock()
  const cache = new NameCache(
    {
      lookUp: async (host) => {
        asked.push(host)
        const addresses = [{ ip: '10.0.0.1' }]
        return { outcome: { is: 'found', type: 'A', addresses, ttl: 60 }, step: undefined }
      },
      clock,
      random: () => 0,
      lifetimes: { valid: undefined, stale: 0, notFound: 1, error: 1 },
    },
    capacity,
  )
  const resolve = async (...hosts: readonly string[]) => {
    for (const host of hosts) await cache.use(host).resolve()
  }
  return { cache, asked, clock, resolve }
}

test('of names beyond the capacity the least recently used one goes, with its timer', async () => {
  const { asked, resolve, clock } = cacheOf(2)
  await resolve('a', 'b', 'a', 'c', 'a', 'b')
  expect(asked).toEqual(['a', 'b', 'c', 'b'])
  expect(clock.waiting()).toBe(2)
})

test('a name that is watched does not go, and is one for all its watchers', async () => {
  const { cache, asked, resolve } = cacheOf(1)
  const told: string[] = []
  const close = cache.watch('a', () => told.push('one'))
  const closeOther = cache.watch('a', () => told.push('other'))
  await resolve('b', 'c', 'a')
  expect(asked).toEqual(['a', 'b', 'c'])
  expect(told).toEqual(['one', 'other'])
  close()
  close()
  await resolve('b', 'a')
  closeOther()
  // Now it is one among the others.
  await resolve('a', 'b', 'a')
  expect(asked).toEqual(['a', 'b', 'c', 'b', 'b', 'a'])
})
