import { expect, test } from 'vitest'
import { Latency } from './latency.ts'
import { around, askOf, peersOf } from './pools.fixture.ts'

test('of two, the one that accepts sooner is picked; a slow one has its chance again later', () => {
  const [fast, slow] = peersOf(100, 100)
  let now = 1000
  const picker = new Latency(around({ now: () => now }))
  picker.use({ all: [fast!, slow!], available: [fast!, slow!] })
  fast!.measure(1, now)
  slow!.measure(200, now)
  for (let time = 0; time < 20; time++) expect(picker.pick(askOf())).toBe(fast)
  // The fast one is measured again and again, the slow one is not.
  now += 60_000
  fast!.measure(1, now)
  expect(picker.pick(askOf())).toBe(slow)
})

test('one that nobody has tried is tried, but by one connection at a time', () => {
  const [known, fresh] = peersOf(100, 100)
  const picker = new Latency(around())
  picker.use({ all: [known!, fresh!], available: [known!, fresh!] })
  known!.measure(1, 1_000_000)
  expect(picker.pick(askOf())).toBe(fresh)
  fresh!.connecting = 1
  for (let time = 0; time < 20; time++) expect(picker.pick(askOf())).toBe(known)
})
