import { expect, test } from 'vitest'
import { sleep } from './sleep.ts'

test('a sleeper wakes in time, when woken, and does not sleep when it is too late', async () => {
  await sleep(1, new AbortController().signal)
  const alarm = new AbortController()
  const sleeping = sleep(3_600_000, alarm.signal)
  alarm.abort()
  await sleeping
  await sleep(3_600_000, alarm.signal)
  expect(alarm.signal.aborted).toBe(true)
})
