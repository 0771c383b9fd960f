import { LocalShared, ManualClock } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import { giveBack, takeLease } from './lease.ts'
import { windowsAt } from './periods.ts'

const now = Date.UTC(2026, 0, 1)
const windows = windowsAt(now, { hour: 100, day: 250 })
const make = () => new LocalShared(new ManualClock(now))
const counted = (shared: LocalShared) => windows.map(({ name }) => shared.value(`${name} k`))

test('a lease is counted in every window, and the last one is what is left', async () => {
  const shared = make()
  expect(await takeLease(shared, 'k', windows, 60)).toEqual({ bytes: 60, exhausted: undefined })
  expect(await takeLease(shared, 'k', windows, 60)).toEqual({ bytes: 40, exhausted: undefined })
  expect(counted(shared)).toEqual([100, 100])
  expect(await takeLease(shared, 'k', windows, 60)).toEqual({ bytes: 0, exhausted: windows[0] })
  expect(counted(shared)).toEqual([100, 100])
})

test('no window counts what a longer one refuses', async () => {
  const shared = make()
  await shared.add(`${windows[1]?.name} k`, 240, { until: now + 1e9 })
  expect(await takeLease(shared, 'k', windows, 60)).toEqual({ bytes: 10, exhausted: undefined })
  expect(counted(shared)).toEqual([10, 250])
  expect(await takeLease(shared, 'k', windows, 60)).toEqual({ bytes: 0, exhausted: windows[1] })
  expect(counted(shared)).toEqual([10, 250])
})

test('others may be quicker with the rest', async () => {
  const shared = make()
  const name = `${windows[0]?.name} k`
  const racing = {
    get: (key: string) => shared.get(key),
    parts: (key: string) => shared.parts(key),
    add: async (...[key, amount, options]: Parameters<typeof shared.add>) => {
      const answer = await shared.add(key, amount, options)
      if (!answer.added) await shared.add(name, 10, { until: now + 1e9, limit: 100 })
      return answer
    },
  }
  await shared.add(name, 75, { until: now + 1e9 })
  expect(await takeLease(racing, 'k', windows.slice(0, 1), 60)).toMatchObject({ bytes: 5 })
  expect(shared.value(name)).toBe(100)
})

test('what is given back can be taken again; a debt is counted beyond the limit', async () => {
  const shared = make()
  await takeLease(shared, 'k', windows, 100)
  await giveBack(shared, 'k', windows, 30)
  expect(counted(shared)).toEqual([70, 70])
  await giveBack(shared, 'k', windows, -500)
  expect(counted(shared)).toEqual([570, 570])
})
