import { expect, test } from 'vitest'
import { LocalShared } from './local-shared.ts'
import { ManualClock } from './manual-clock.ts'

test('adds up to the limit, takes away, and forgets at its time', async () => {
  const clock = new ManualClock(0)
  const shared = new LocalShared(clock)
  const add = (amount: number) => shared.add('a', amount, { until: 1000, limit: 5 })
  expect(await add(3)).toEqual({ added: true, total: 3 })
  expect(await add(3)).toEqual({ added: false, total: 3 })
  expect(await add(2)).toEqual({ added: true, total: 5 })
  expect(await add(-4)).toEqual({ added: true, total: 1 })
  expect(await shared.get('a')).toBe(1)
  clock.advance(1000)
  expect([await shared.get('a'), shared.keys()]).toEqual([0, []])
  expect(await shared.add('a', 6, { until: 2000, limit: 5 })).toEqual({ added: false, total: 0 })
  expect(await shared.add('a', 6, { until: 2000 })).toEqual({ added: true, total: 6 })
})

test('rejects while the database is away, and keeps what it had', async () => {
  const shared = new LocalShared(new ManualClock(0))
  await shared.add('a', 1, { until: 1000 })
  shared.isAway = true
  await expect(shared.get('a')).rejects.toThrow('away')
  await expect(shared.add('a', 1, { until: 1000 })).rejects.toThrow('away')
  shared.isAway = false
  expect([await shared.get('a'), shared.keys()]).toEqual([1, ['a']])
})

test('rejects what cannot be counted', async () => {
  const shared = new LocalShared(new ManualClock(0))
  await expect(shared.add('', 1, { until: 1 })).rejects.toThrow(TypeError)
  await expect(shared.add('a', 0.5, { until: 1 })).rejects.toThrow(TypeError)
  await expect(shared.get('\0')).rejects.toThrow(TypeError)
})

test('what is added for a time leaves by itself', async () => {
  const clock = new ManualClock(0)
  const shared = new LocalShared(clock)
  const add = (amount: number) => shared.add('a', amount, { after: 1000, limit: 5 })
  expect(await add(3)).toEqual({ added: true, total: 3 })
  clock.advance(500)
  expect([await add(3), await add(2)]).toEqual([
    { added: false, total: 3 },
    { added: true, total: 5 },
  ])
  expect(await shared.parts('a')).toEqual([
    { until: 1000, amount: 3 },
    { until: 1500, amount: 2 },
  ])
  expect([await shared.get('a'), shared.keys()]).toEqual([0, ['a']])
  clock.advance(500)
  expect([await add(-1), await add(4)]).toEqual([
    { added: true, total: 1 },
    { added: true, total: 5 },
  ])
  clock.advance(1000)
  expect([await shared.parts('a'), shared.keys()]).toEqual([[], []])
})
