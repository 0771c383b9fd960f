import { LocalShared, ManualClock } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import { failureOf, ManualTimers } from './manual-timers.fixture.ts'
import { SharedLink } from './shared-link.ts'

test('a database that is away is left alone for a while, and used again', async () => {
  const clock = new ManualClock(0)
  const shared = new LocalShared(clock)
  const timers = new ManualTimers()
  const lines: string[] = []
  const say = (_: object, message: string) => void lines.push(message)
  const log = { debug: say, info: say, warn: say, error: say }
  const link = new SharedLink({ clock, log, timeout: 100, later: timers.later })
  const look = () => link.ask(() => shared.get('k'))
  shared.isAway = true
  await expect(look()).rejects.toThrow('away')
  shared.isAway = false
  await expect(look()).rejects.toThrow('away')
  clock.advance(500)
  expect(await look()).toBe(0)
  expect(lines).toEqual([expect.stringMatching(/^the database is away: /), 'the database is back'])
  const slow = failureOf(link.ask(() => new Promise(() => undefined)))
  await timers.advance(100)
  expect(await slow).toBe('Error: no answer within 100 ms')
})
