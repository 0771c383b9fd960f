import { expect, test } from 'vitest'
import { startTimer, within } from './later.ts'
import { failureOf, ManualTimers } from './manual-timers.fixture.ts'

test('what is in time is passed on, and its timer is called off', async () => {
  const timers = new ManualTimers()
  expect(await within(10, Promise.resolve(7), timers.later)).toBe(7)
  await expect(within(10, Promise.reject(new Error('no')), timers.later)).rejects.toThrow('no')
  expect(timers.size).toBe(0)
})

test('what is late is waited for no longer', async () => {
  const timers = new ManualTimers()
  const waiting = within(10, new Promise(() => undefined), timers.later)
  const failure = failureOf(waiting)
  await timers.advance(10)
  expect(await failure).toBe('Error: no answer within 10 ms')
})

test('a timer runs, unless it is called off', async () => {
  const order: string[] = []
  startTimer(0, () => order.push('called off'))()
  await new Promise<void>((resolve) => void startTimer(1, resolve))
  expect(order).toEqual([])
})
