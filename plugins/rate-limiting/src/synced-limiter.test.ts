import { LocalCounters, LocalShared, ManualClock } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import { sumOf } from './client-news.ts'
import { LocalLimiter } from './local-limiter.ts'
import { failureOf, ManualTimers } from './manual-timers.fixture.ts'
import { rulesOf } from './rules.ts'
import type { RuleConfig } from './rules.ts'
import { SharedCentral } from './shared-central.ts'
import { SharedLink } from './shared-link.ts'
import { SyncedLimiter } from './synced-limiter.ts'
import type { SyncedLimiterOptions } from './synced-limiter.ts'

const rate = 1

/** Two nodes of one worker each, on one database; they exchange at the same times. */
function nodes(config: RuleConfig, more: Partial<SyncedLimiterOptions> = {}) {
  const clock = new ManualClock(Date.UTC(2026, 0, 1))
  const shared = new LocalShared(clock)
  const timers = new ManualTimers()
  const lines: string[] = []
  const say = (fields: object, message: string) =>
    void lines.push(`${message} ${JSON.stringify(fields)}`)
  const log = { debug: say, info: say, warn: say, error: say }
  const rules = rulesOf(config)
  const node = () => {
    const counters = new LocalCounters(clock)
    const local = new LocalLimiter(counters, clock, rules)
    const link = new SharedLink({ clock, log, timeout: 100, later: timers.later })
    const central = new SharedCentral({ shared, clock, link })
    const basis = { central, local, counters, clock, log, rules, rate, isTolerant: true }
    return new SyncedLimiter({ ...basis, later: timers.later, ...more })
  }
  const pass = async (milliseconds: number): Promise<void> => {
    clock.advance(milliseconds)
    await timers.advance(milliseconds)
  }
  return { clock, shared, timers, lines, pass, one: node(), two: node() }
}

/** How many of so many connections at once were let in. */
async function crowd(node: SyncedLimiter, count: number, who = 'k'): Promise<number> {
  const takes = Array.from({ length: count }, async () => node.take(who))
  return (await Promise.all(takes)).filter(Boolean).length
}

test('who is known waits for nobody, and what was admitted is told in the next exchange', async () => {
  const { one, shared, pass, clock } = nodes({ algorithm: 'fixed-window', day: 5 })
  const first = one.take('k')
  expect(first).toBeInstanceOf(Promise)
  expect(await first).toBe(true)
  expect([1, 2, 3, 4, 5].map(() => one.take('k'))).toEqual([true, true, true, true, false])
  expect(shared.value(`k:${clock.now()}:day`)).toBe(0)
  await pass(1000)
  expect(shared.keys().map((key) => shared.value(key))).toEqual([5])
  await pass(1000)
  expect(shared.keys().map((key) => shared.value(key))).toEqual([5])
})

test('others count from the next exchange on: each admits no more than the limit until then', async () => {
  const { one, two, pass } = nodes({ algorithm: 'fixed-window', minute: 10 })
  expect([await crowd(one, 4), await crowd(two, 3)]).toEqual([4, 3])
  await pass(1000)
  // The first has told before the second did, and hears of that in the next exchange.
  expect([await crowd(one, 5), await crowd(two, 9)]).toEqual([5, 3])
  await pass(1000)
  expect([await crowd(one, 9), await crowd(two, 9)]).toEqual([0, 0])
  await pass(58_000)
  expect([await crowd(one, 20), await crowd(two, 20)]).toEqual([10, 10])
})

test('who comes after an interval without a connection is looked up', async () => {
  const { one, two, pass, timers } = nodes({ algorithm: 'fixed-window', day: 4 })
  expect(await crowd(one, 1)).toBe(1)
  await pass(1000)
  await pass(1000)
  expect(timers.size).toBe(0)
  expect(await crowd(two, 2)).toBe(2)
  await two.close()
  expect(await crowd(one, 9)).toBe(1)
})

test('sliding windows of two nodes: parts come back where they were taken', async () => {
  const { one, two, pass } = nodes({ algorithm: 'sliding-window', minute: 10 })
  expect(await crowd(one, 6)).toBe(6)
  await pass(1000)
  await pass(29_000)
  expect([await crowd(two, 9), await crowd(one, 0)]).toEqual([4, 0])
  await pass(1000)
  await pass(1000)
  expect([await crowd(one, 9), await crowd(two, 9)]).toEqual([0, 0])
  await pass(28_600)
  expect(await crowd(two, 9)).toBe(6)
  await two.close()
  expect(await crowd(one, 9)).toBe(0)
})

test('buckets of two nodes: what both have taken too much is missing afterwards', async () => {
  const { one, two, pass } = nodes({ algorithm: 'token-bucket', second: 10, burst: 10 })
  let admitted = (await crowd(one, 50)) + (await crowd(two, 50))
  expect(admitted).toBe(20)
  for (let i = 0; i < 200; i++) {
    await pass(100)
    admitted += (await crowd(one, 9)) + (await crowd(two, 9))
  }
  // 20 seconds of 10 each, the burst, and what two nodes may take between two exchanges.
  expect(admitted).toBeGreaterThanOrEqual(200)
  expect(admitted).toBeLessThanOrEqual(210 + 20)
})

test('while the database is away a tolerant node counts, and tells afterwards', async () => {
  const { one, two, pass, shared, lines } = nodes({ algorithm: 'fixed-window', day: 9 })
  expect(await crowd(one, 2)).toBe(2)
  shared.isAway = true
  await pass(1000)
  expect([await crowd(one, 3), await crowd(two, 1)]).toEqual([3, 1])
  await pass(500)
  shared.isAway = false
  await pass(500)
  expect(shared.keys().map((key) => shared.value(key))).toEqual([6])
  expect(lines.map((line) => line.split(':')[0])).toEqual([
    expect.stringMatching('the database is away'),
    expect.stringMatching('the database is away'),
    expect.stringMatching('the database is back'),
    expect.stringMatching('the database is back'),
  ])
  await pass(1000)
  expect([await crowd(one, 9), await crowd(two, 9)]).toEqual([3, 3])
})

test('a node that is not tolerant refuses then, whoever comes, and goes on as soon as it can', async () => {
  const { one, pass, shared } = nodes({ algorithm: 'fixed-window', day: 9 }, { isTolerant: false })
  expect(await crowd(one, 2)).toBe(2)
  shared.isAway = true
  await pass(1000)
  for (const who of ['k', 'l']) {
    expect(await failureOf(Promise.resolve(one.take(who)))).toContain('away')
  }
  shared.isAway = false
  await pass(500)
  expect(shared.keys().map((key) => shared.value(key))).toEqual([2])
  expect(one.take('k')).toBe(true)
})

test('its end tells what is left, or how much that would have been', async () => {
  const { one, two, shared, lines, timers } = nodes({ algorithm: 'fixed-window', day: 9 })
  expect([await crowd(one, 2), await crowd(two, 3)]).toEqual([2, 3])
  await one.close()
  expect(shared.keys().map((key) => shared.value(key))).toEqual([2])
  shared.isAway = true
  await two.close()
  expect(lines.at(-1)).toBe('other nodes were not told of all connections {"connections":3}')
  expect(timers.size).toBe(0)
})

test('clients are forgotten when they do not come, and bounded when they all do', async () => {
  const { one, pass, timers, shared, lines } = nodes(
    { algorithm: 'fixed-window', day: 9 },
    { mostClients: 2 },
  )
  for (const who of ['a', 'b', 'c', 'd', 'c']) expect(await crowd(one, 1, who)).toBe(1)
  await pass(1000)
  expect(shared.keys()).toHaveLength(2)
  expect(lines).toEqual(['other nodes were not told of all connections {"connections":3}'])
  await pass(1000)
  expect(timers.size).toBe(0)
})

test('many clients are told in steps, and what comes meanwhile in the next exchange', async () => {
  const { one, pass, shared } = nodes({ algorithm: 'sliding-window', day: 9 })
  for (let i = 0; i < 600; i++) await one.take(`k${i}`)
  await pass(1000)
  expect(shared.keys()).toHaveLength(600)
  expect(one.take('k7')).toBe(true)
  await pass(1000)
  expect(sumOf(await shared.parts('k7:sliding:day'))).toBe(2)
})
