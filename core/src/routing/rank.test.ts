import { expect, test } from 'vitest'
import { beats, combineRanks, isOlder } from './rank.ts'
import { route } from './route.fixture.ts'

test('an earlier level outweighs all later ones, exactly', () => {
  const last = { sni: 4095, source: 4095, destination: 4095 }
  const none = { sni: 0, source: 0, destination: 0 }
  expect(combineRanks(6, last)! + 1).toBe(combineRanks(7, none))
  expect(combineRanks(7, last)).toBeLessThan(Number.MAX_SAFE_INTEGER)
  expect(combineRanks(1, { ...none, source: undefined })).toBeUndefined()
})

test('age, then id', () => {
  const a = route({ id: 'b' })
  const b = route({ id: 'a', created_at: 1 })
  const c = route({ id: 'c', created_at: 1 })
  expect([isOlder(a, b), isOlder(b, c), isOlder(c, b)]).toEqual([true, true, false])
  expect(beats({ route: c, rank: 1 }, { route: a, rank: 2 })).toBe(true)
  expect(beats({ route: c, rank: 1 }, { route: a, rank: 1 })).toBe(false)
})
