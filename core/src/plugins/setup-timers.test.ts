import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { SetupTimers } from './setup-timers.ts'

test('counts the timers that a setup has started, also after a promise, until they are stopped', async () => {
  const timers = new SetupTimers()
  const started: NodeJS.Timeout[] = []
  onTestFinished(() => started.forEach((timer) => clearInterval(timer)))
  const answer = await timers.during(async () => {
    started.push(setInterval(() => undefined, 1e6))
    await pause(1)
    started.push(setTimeout(() => undefined, 1e6))
    started.push(setInterval(() => undefined, 1e6).unref())
    return 'state'
  })
  expect([answer, timers.alive]).toEqual(['state', 2])
  clearInterval(started[0])
  expect(timers.alive).toBe(1)
  clearTimeout(started[1])
  expect(timers.alive).toBe(0)
})

test('knows nothing of timers from elsewhere, and passes a failure on', async () => {
  const timers = new SetupTimers()
  const timer = setInterval(() => undefined, 1e6)
  onTestFinished(() => clearInterval(timer))
  const failing = timers.during(() => {
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(timers.alive).toBe(0)
})
