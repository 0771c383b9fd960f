import { LocalShared, ManualClock } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import { ManualTimers } from './manual-timers.fixture.ts'
import { rulesOf } from './rules.ts'
import type { RuleConfig } from './rules.ts'
import { SharedLimiter } from './shared-limiter.ts'
import { SharedLink } from './shared-link.ts'

/** Two nodes on one database. */
function nodes(config: RuleConfig) {
  const clock = new ManualClock(Date.UTC(2026, 0, 1))
  const shared = new LocalShared(clock)
  const { later } = new ManualTimers()
  const say = (): void => undefined
  const log = { debug: say, info: say, warn: say, error: say }
  const node = () =>
    new SharedLimiter({
      shared,
      clock,
      link: new SharedLink({ clock, log, timeout: 100, later }),
      rules: rulesOf(config),
    })
  const [one, two] = [node(), node()]
  /** So many connections at once, spread over the nodes; how many were let in. */
  const crowd = async (count: number): Promise<number> => {
    const takes = Array.from({ length: count }, (_, index) =>
      (index % 2 === 0 ? one : two).take('k'),
    )
    return (await Promise.all(takes)).filter(Boolean).length
  }
  return { clock, shared, crowd }
}

test('fixed windows: all or none, over both nodes', async () => {
  const { crowd, clock, shared } = nodes({ algorithm: 'fixed-window', second: 3, minute: 4 })
  expect(await crowd(10)).toBe(3)
  clock.advance(1000)
  expect(await crowd(10)).toBe(1)
  clock.advance(1000)
  // What the second had given, the minute took back.
  expect(await crowd(10)).toBe(0)
  expect(await shared.get(`k:${clock.now()}:second`)).toBe(0)
  clock.advance(58_000)
  expect(await crowd(10)).toBe(3)
})

test('a bucket: the burst, then one for each that has come back, and no more than the burst again', async () => {
  const { crowd, clock } = nodes({ algorithm: 'token-bucket', second: 3, burst: 5 })
  expect(await crowd(12)).toBe(5)
  clock.advance(333)
  expect(await crowd(3)).toBe(0)
  clock.advance(1)
  expect(await crowd(3)).toBe(1)
  clock.advance(1000)
  expect(await crowd(9)).toBe(3)
  clock.advance(3_600_000)
  expect(await crowd(12)).toBe(5)
})

test('a sliding window looks back from each connection, over both nodes', async () => {
  const { crowd, clock } = nodes({ algorithm: 'sliding-window', second: 5 })
  expect(await crowd(3)).toBe(3)
  clock.advance(600)
  expect(await crowd(9)).toBe(2)
  clock.advance(399)
  expect(await crowd(9)).toBe(0)
  clock.advance(1)
  expect(await crowd(9)).toBe(3)
  clock.advance(599)
  expect(await crowd(9)).toBe(0)
  clock.advance(1)
  expect(await crowd(9)).toBe(2)
})

test('two sliding windows: what the longer refuses costs the shorter nothing', async () => {
  const { crowd, clock, shared } = nodes({ algorithm: 'sliding-window', second: 3, minute: 4 })
  expect(await crowd(9)).toBe(3)
  clock.advance(1000)
  expect(await crowd(9)).toBe(1)
  expect((await shared.parts('k:sliding:second')).map(({ amount }) => amount)).toEqual([1])
})

test('two buckets: what the longer refuses costs the shorter nothing', async () => {
  const { crowd, clock } = nodes({ algorithm: 'token-bucket', second: 2, minute: 3 })
  expect(await crowd(5)).toBe(2)
  clock.advance(1000)
  expect(await crowd(5)).toBe(1)
  clock.advance(19_000)
  expect(await crowd(5)).toBe(1)
})
