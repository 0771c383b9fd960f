import { LocalShared, ManualClock } from '@kong-ts/pdk/testing'
import { expect, onTestFinished, test } from 'vitest'
import { Quotas } from './quotas.ts'

const silent = () => undefined

function make() {
  const clock = new ManualClock(Date.UTC(2026, 0, 1))
  const shared = new LocalShared(clock)
  const closed: string[] = []
  const quotas = new Quotas({
    shared,
    clock,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    signal: new AbortController().signal,
    buckets: {
      rate: () => ({ left: 0 }),
      allowance: () => {
        const pot = {
          left: 0,
          grant: (bytes: number) => void (pot.left += bytes),
          end: silent,
          close: () => void closed.push('closed'),
        }
        return pot
      },
    },
    config: { quota: { day: 6400 }, fault_tolerant: true, error_message: 'no' },
  })
  onTestFinished(() => quotas.close())
  const counted = () => shared.keys().map((key) => shared.value(key))
  return { quotas, shared, clock, closed, counted }
}

test('a key without connections gives back what it has left after a while, and is forgotten', async () => {
  const { quotas, clock, closed, counted } = make()
  const purse = quotas.purse('k')
  expect(quotas.purse('k')).toBe(purse)
  await purse.enter()
  const other = quotas.purse('other')
  await other.enter()
  purse.leave()
  clock.advance(1999)
  await quotas.sweep()
  expect(quotas.size).toBe(2)
  clock.advance(1)
  await quotas.sweep()
  expect([quotas.size, closed.length, counted()]).toEqual([1, 1, [0, 100]])
})

test('a key that owes is remembered until it is counted', async () => {
  const { quotas, shared, clock, counted } = make()
  const purse = quotas.purse('k')
  shared.isAway = true
  await purse.enter()
  purse.allowance.grant(-10)
  purse.leave()
  clock.advance(5000)
  await quotas.sweep()
  expect(quotas.size).toBe(1)
  shared.isAway = false
  clock.advance(5000)
  await quotas.sweep()
  expect([quotas.size, counted()]).toEqual([0, [10]])
})

test('keys of any length and wording count apart', async () => {
  const { quotas, counted } = make()
  const keys = ['a'.repeat(1000), 'a'.repeat(1001), 'with\0', 'with', '\ud800']
  for (const key of keys) await quotas.purse(key).enter()
  expect([quotas.size, counted()]).toEqual([5, [100, 100, 100, 100, 100]])
})
