import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'

test('a timer that is called off does not run, another does, and not before its time', async () => {
  const ran: string[] = []
  const begun = systemClock.now()
  systemClock.after(0, () => ran.push('called off'))()
  await new Promise<void>((resolve) => void systemClock.after(5, resolve))
  expect(ran).toEqual([])
  // Node's timers may be a millisecond early.
  expect(systemClock.now() - begun).toBeGreaterThanOrEqual(4)
})
