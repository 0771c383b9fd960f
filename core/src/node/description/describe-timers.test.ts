import { expect, test } from 'vitest'
import { countTimers, describeTimers } from './describe-timers.ts'

test('timers are counted while they wait', () => {
  const before = countTimers().pending
  const timers = [setTimeout(() => undefined, 60_000), setInterval(() => undefined, 60_000)]
  expect(countTimers()).toEqual({ running: 0, pending: before + 2 })
  for (const timer of timers) clearTimeout(timer)
  expect(countTimers().pending).toBe(before)
})

test('they are described as Kong does it', async () => {
  // The test runner has timers of its own, which come and go.
  const timers = Array.from({ length: 20 }, () => setTimeout(() => undefined, 60_000))
  const { worker, stats } = describeTimers([1, 2, 3])
  expect(worker).toEqual({ id: -1, count: 3 })
  expect(stats.sys.total).toBe(stats.sys.pending + stats.sys.waiting)
  expect(stats.sys.waiting).toBe(stats.timers.Timeout)
  expect(stats.resources['Timeout']).toBe(stats.timers.Timeout)
  for (const timer of timers) clearTimeout(timer)
  // A timer may be due in the turn in which it was set; an immediate behind it is run in the next.
  await new Promise((resolve) => setTimeout(resolve))
  await new Promise(setImmediate)
  const after = describeTimers([process.pid])
  expect(after.worker).toEqual({ id: 0, count: 1 })
  expect(after.stats.sys.waiting).toBeLessThan(stats.sys.waiting - 10)
  expect(after.stats.sys.runs).toBeGreaterThan(stats.sys.runs)
})
