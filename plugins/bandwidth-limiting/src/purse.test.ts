import { setImmediate as turn } from 'node:timers/promises'
import type { Allowance } from '@kong-ts/pdk'
import { LocalShared, ManualClock } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import { Outage } from './outage.ts'
import { Purse } from './purse.ts'

const silent = () => undefined
const log = { debug: silent, info: silent, warn: silent, error: silent }

function make({ month = 6400, isFaultTolerant = true } = {}) {
  const clock = new ManualClock(Date.UTC(2026, 0, 1))
  const shared = new LocalShared(clock)
  const ended: string[] = []
  const pot = { left: 0, ask: silent as () => void }
  const allowance: Allowance = {
    get left() {
      return pot.left
    },
    grant: (bytes) => void (pot.left += bytes),
    end: (reason) => void ended.push(reason),
    close: silent,
  }
  const purse = new Purse('k', {
    shared,
    buckets: {
      rate: () => ({ left: 0 }),
      allowance: (_low, ask) => {
        pot.ask = ask
        return allowance
      },
    },
    clock,
    outage: new Outage(clock, log),
    limits: { month },
    isFaultTolerant,
    message: 'too much',
  })
  const counted = () => shared.value(shared.keys()[0] ?? 'none')
  /** So many bytes pass, and what is low is told. */
  const pass = async (bytes: number) => {
    pot.left -= bytes
    pot.ask()
    await turn()
  }
  return { purse, pot, shared, clock, ended, counted, pass }
}

test('a lease is a 64th of the quota; the first connection waits for it, the others do not', async () => {
  const { purse, pot, counted } = make()
  const first = purse.enter()
  expect(first).toBeInstanceOf(Promise)
  expect(await first).toBeUndefined()
  expect([pot.left, counted()]).toEqual([100, 100])
  expect(purse.enter()).toBeUndefined()
})

test('connections that come together ask once', async () => {
  const { purse, counted } = make()
  expect(await Promise.all([purse.enter(), purse.enter()])).toEqual([undefined, undefined])
  expect(counted()).toBe(100)
})

test('what passed beyond a lease is taken with the next one', async () => {
  const { purse, pot, counted, pass } = make()
  await purse.enter()
  await pass(350)
  expect([pot.left, counted()]).toEqual([100, 450])
})

test('leases grow while they are used up quickly, and shrink again', async () => {
  const { purse, clock, counted, pass } = make({ month: 64 * 1024 * 1024 })
  await purse.enter()
  expect(counted()).toBe(64 * 1024)
  await pass(0)
  expect(counted()).toBe((64 + 128) * 1024)
  clock.advance(5000)
  await pass(0)
  expect(counted()).toBe((64 + 128 + 64) * 1024)
})

test('the last byte ends nobody; who has more to send is ended', async () => {
  const { purse, pot, ended, pass } = make({ month: 64 })
  await purse.enter()
  for (let count = 0; count < 64; count++) await pass(1)
  expect([pot.left, ended]).toEqual([0, []])
  await pass(0)
  expect(ended).toEqual(['too much: 64 bytes per month'])
  expect(purse.enter()).toMatchObject({ reason: 'too much: 64 bytes per month' })
})

test('what was not used is given back when there is nobody left', async () => {
  const { purse, pot, counted, clock } = make()
  await purse.enter()
  pot.left -= 30
  clock.advance(7)
  purse.leave()
  expect(purse.idleSince).toBe(clock.now())
  await purse.settle()
  expect([pot.left, counted()]).toEqual([0, 30])
})

test('what is left of a month that is over is not given back to the next one', async () => {
  const { purse, clock, shared } = make()
  await purse.enter()
  purse.leave()
  clock.advance(40 * 24 * 60 * 60 * 1000)
  await purse.settle()
  expect(shared.keys()).toEqual([])
})

test('bytes are owed while the store is away, and counted when it is back', async () => {
  const { purse, pot, shared, clock, counted } = make()
  shared.isAway = true
  expect(await purse.enter()).toBeUndefined()
  pot.left -= 60
  purse.leave()
  await purse.settle()
  expect([purse.isOwing, counted()]).toEqual([true, 0])
  shared.isAway = false
  clock.advance(1000)
  await purse.settle()
  expect([purse.isOwing, counted()]).toEqual([false, 60])
})

test('a debt is paid with the next lease; one that cannot be paid is kept', async () => {
  const { purse, shared, clock, counted, pass } = make()
  shared.isAway = true
  await purse.enter()
  clock.advance(1000)
  await purse.settle()
  expect(purse.isOwing).toBe(true)
  shared.isAway = false
  clock.advance(1000)
  await pass(0)
  expect(purse.isOwing).toBe(false)
  expect(counted()).toBeGreaterThanOrEqual(100)
})

test('where the quota must hold, nothing passes without the store, and it is not asked all the time', async () => {
  const { purse, shared, clock } = make({ isFaultTolerant: false })
  shared.isAway = true
  const reason = 'the bandwidth quota cannot be checked'
  expect(await purse.enter()).toMatchObject({ reason })
  shared.isAway = false
  expect(purse.enter()).toMatchObject({ reason })
  clock.advance(1000)
  expect(await purse.enter()).toBeUndefined()
})
