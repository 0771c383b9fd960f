import { expect, test } from 'vitest'
import type { Answer } from '../names.ts'
import { fakeClock } from './clock.fixture.ts'
import { KnownName, type Lifetimes } from './known-name.ts'
import type { LookedUp } from './look-up.ts'
import type { Outcome } from './outcome.ts'

const usual: Lifetimes = { valid: undefined, stale: 60_000, notFound: 30_000, error: 1000 }

/** A name whose look-ups end when the test says how. */
function nameOf(lifetimes: Partial<Lifetimes> = {}, random = 0) {
  const clock = fakeClock()
  const open: ((looked: LookedUp) => void)[] = []
  const lasts: unknown[] = []
  const name = new KnownName('a.test', {
    lookUp: (_host, last) => {
      lasts.push(last)
      return new Promise((resolve) => open.push(resolve))
    },
    clock,
    lifetimes: { ...usual, ...lifetimes },
    random: () => random,
  })
  const end = async (outcome: Outcome, isUnsure = false): Promise<void> => {
    open.shift()?.({ outcome, step: outcome.is === 'found' ? 'SRV' : undefined, isUnsure })
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { name, clock, end, lasts, asked: () => lasts.length, open: () => open.length }
}

function found(ttl: number, ...addresses: readonly string[]): Outcome {
  return { is: 'found', type: 'A', addresses: addresses.map((ip) => ({ ip })), ttl }
}
const none: Outcome = { is: 'none', error: 'NXDOMAIN' }
const failed: Outcome = { is: 'failed', error: 'SERVFAIL' }

function ips(answer: Answer | Promise<Answer>): unknown {
  return answer instanceof Promise ? 'a promise' : answer.addresses.map(({ ip }) => ip)
}

test('one look-up for all who ask at the same time, and none while its answer holds', async () => {
  const { name, clock, end, asked, lasts } = nameOf()
  const asking = [name.resolve(), name.resolve()]
  await end(found(10, '10.0.0.1'))
  expect(await Promise.all(asking.map(async (answer) => answer))).toMatchObject([
    { type: 'A' },
    { type: 'A' },
  ])
  clock.pass(9_999)
  expect(ips(name.resolve())).toEqual(['10.0.0.1'])
  expect(asked()).toBe(1)
  clock.pass(1)
  expect(lasts).toEqual([undefined, 'SRV'])
})

test('what a name seems to have, for want of another answer, is believed the second time', async () => {
  const { name, clock, end, lasts } = nameOf()
  name.watch(() => undefined)
  for (let count = 0; count < 3; count++, clock.pass(1000)) await end(found(1, '10.0.0.1'), true)
  expect(lasts).toEqual([undefined, undefined, 'SRV', 'SRV'])
})

test('an answer that is in use is renewed in the background, and serves meanwhile', async () => {
  const { name, clock, end, asked } = nameOf()
  void name.resolve()
  await end(found(10, '10.0.0.1'))
  void name.resolve()
  clock.pass(10_000)
  expect(asked()).toBe(2)
  expect(ips(name.resolve())).toEqual(['10.0.0.1'])
  await end(found(10, '10.0.0.2'))
  expect(ips(name.resolve())).toEqual(['10.0.0.2'])
})

test('an answer that nobody uses is not renewed; the next one to ask waits a moment for a new one', async () => {
  const { name, clock, end, asked } = nameOf()
  void name.resolve()
  await end(found(10, '10.0.0.1'))
  clock.pass(40_000)
  expect(asked()).toBe(1)
  const asking = name.resolve()
  await end(found(10, '10.0.0.2'))
  expect(ips(await asking)).toEqual(['10.0.0.2'])
  clock.pass(40_000)
  const slow = [name.resolve(), name.resolve()]
  clock.pass(500)
  expect((await Promise.all(slow.map(async (answer) => answer))).map(ips)).toEqual([
    ['10.0.0.2'],
    ['10.0.0.2'],
  ])
  // Everybody else has it at once.
  expect(ips(name.resolve())).toEqual(['10.0.0.2'])
  expect(asked()).toBe(3)
})

test('the last good answer serves while look-ups fail, says so, and not for ever', async () => {
  const { name, clock, end, asked } = nameOf()
  void name.resolve()
  await end(found(10, '10.0.0.1'))
  void name.resolve()
  clock.pass(10_000)
  await end(failed)
  const old = { addresses: [{ ip: '10.0.0.1' }], type: 'A', error: 'SERVFAIL' }
  expect(name.resolve()).toEqual(old)
  clock.pass(1000)
  expect(name.resolve()).toEqual(old)
  expect(asked()).toBe(3)
  await end(failed)
  clock.pass(58_999)
  expect(name.resolve()).toEqual(old)
  clock.pass(1000)
  await end(failed)
  clock.pass(1000)
  const asking = name.resolve()
  await end(failed)
  expect(await asking).toEqual({ addresses: [], type: 'A', error: 'SERVFAIL' })
  clock.pass(1000)
  void name.resolve()
  await end(found(10, '10.0.0.1'))
  expect(name.resolve()).toEqual({ addresses: [{ ip: '10.0.0.1' }], type: 'A' })
})

test('that a name is gone is an answer, which holds for its own time', async () => {
  const { name, clock, end, asked } = nameOf()
  void name.resolve()
  await end(found(10, '10.0.0.1'))
  void name.resolve()
  clock.pass(10_000)
  await end(none)
  expect(name.resolve()).toEqual({ addresses: [], type: 'A', error: 'NXDOMAIN' })
  clock.pass(29_999)
  expect(asked()).toBe(2)
  clock.pass(1)
  // It was used meanwhile, so it is renewed, and there is nothing to serve until then.
  expect(name.resolve()).toBeInstanceOf(Promise)
  expect(asked()).toBe(3)
})

test('a failure without anything to fall back to holds for a second', async () => {
  const { name, clock, end, asked } = nameOf()
  void name.resolve()
  await end(failed)
  expect(ips(name.resolve())).toEqual([])
  clock.pass(999)
  expect(asked()).toBe(1)
  clock.pass(1)
  expect(asked()).toBe(2)
})

test('a name that changes every second, or has no time at all, is asked for once a second', async () => {
  const { name, clock, end, asked } = nameOf()
  void name.resolve()
  for (let second = 0; second < 60; second++) {
    await end(found(second % 2, `10.0.0.${second}`))
    for (let call = 0; call < 10; call++) {
      expect(ips(name.resolve())).toEqual([`10.0.0.${second}`])
      clock.pass(100)
    }
  }
  expect(asked()).toBe(61)
})

test('a time that is set goes before that of the records', async () => {
  const { name, clock, end, asked } = nameOf({ valid: 5000 })
  void name.resolve()
  await end(found(60, '10.0.0.1'))
  void name.resolve()
  clock.pass(5000)
  expect(asked()).toBe(2)
})

test('renewals are spread: up to a tenth of their time, or a second, later', async () => {
  for (const [ttl, due] of [
    [5, 5500],
    [60, 61_000],
  ] as const) {
    const { name, clock, end, asked } = nameOf({}, 1)
    void name.resolve()
    await end(found(ttl, '10.0.0.1'))
    clock.pass(due - 1)
    expect(ips(name.resolve())).toEqual(['10.0.0.1'])
    expect(asked()).toBe(1)
    clock.pass(1)
    expect(asked()).toBe(2)
  }
})

test('the same addresses in another order are the same answer', async () => {
  const { name, clock, end } = nameOf()
  const told: Answer[] = []
  name.watch((answer) => told.push(answer))
  await end(found(1, '10.0.0.1', '10.0.0.2'))
  const before = name.resolve()
  clock.pass(1000)
  await end(found(1, '10.0.0.2', '10.0.0.1'))
  expect(name.resolve()).toBe(before)
  expect(told).toEqual([before])
})

test('who watches hears of every change, and of nothing else, until he closes', async () => {
  const { name, clock, end, asked } = nameOf()
  const told: unknown[] = []
  const other: unknown[] = []
  const close = name.watch((answer) => told.push(ips(answer)))
  name.watch((answer) => other.push(ips(answer)))
  expect(name.isWatched).toBe(true)
  expect([told, asked()]).toEqual([[], 1])
  await end(found(5, '10.0.0.1'))
  clock.pass(5000)
  await end(found(5, '10.0.0.1'))
  clock.pass(5000)
  await end(failed)
  clock.pass(1000)
  await end(found(5, '10.0.0.2'))
  clock.pass(5000)
  close()
  await end(none)
  expect(told).toEqual([['10.0.0.1'], ['10.0.0.2']])
  expect(other).toEqual([['10.0.0.1'], ['10.0.0.2'], []])
  expect(asked()).toBe(5)
})

test('who begins to watch is told at once what is known', async () => {
  const { name, end, asked, clock } = nameOf()
  void name.resolve()
  await end(found(5, '10.0.0.1'))
  const told: unknown[] = []
  name.watch((answer) => told.push(ips(answer)))()
  expect(told).toEqual([['10.0.0.1']])
  expect(name.isWatched).toBe(false)
  clock.pass(20_000)
  name.watch((answer) => told.push(ips(answer)))
  expect(told).toEqual([['10.0.0.1'], ['10.0.0.1']])
  expect(asked()).toBe(2)
})

test('a name that is forgotten asks for nothing any more', async () => {
  const { name, clock, end, asked } = nameOf()
  void name.resolve()
  await end(found(5, '10.0.0.1'))
  void name.resolve()
  name.forget()
  clock.pass(20_000)
  expect([asked(), clock.waiting()]).toEqual([1, 0])
})
