import { LocalCounters, ManualClock } from '@kong-ts/pdk/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Places } from './places.ts'

const counts = () => new LocalCounters(new ManualClock(0))

/** Counters that answer when they are told to. */
function slow(counters: LocalCounters) {
  const waiting: (() => void)[] = []
  return {
    counters: {
      take: (key: string, limit: number) =>
        new Promise<boolean>((resolve) => waiting.push(() => resolve(counters.take(key, limit)))),
      release: (key: string) => counters.release(key),
    },
    /** Answers whoever has waited longest. */
    answer: () => waiting.shift()?.(),
  }
}

test('a place is taken once and given back once', () => {
  const counters = counts()
  const places = new Places(counters, 1)
  expect(places.take('a', 'k')).toBe(true)
  expect(places.take('a', 'k')).toBe(true)
  expect(places.take('b', 'k')).toBe(false)
  places.free('b')
  expect(counters.taken('k')).toBe(1)
  places.free('a')
  places.free('a')
  expect(counters.keys()).toEqual([])
  expect(places.take('b', 'k')).toBe(true)
})

test('a place that comes after the end of its connection is given back', async () => {
  const counters = counts()
  const late = slow(counters)
  const places = new Places(late.counters, 1)
  const taken = places.take('a', 'k')
  places.free('a')
  late.answer()
  expect(await taken).toBe(true)
  expect(counters.keys()).toEqual([])
})

test('counters that fail leave nothing behind', async () => {
  const fails = { take: () => Promise.reject(new Error('gone')), release: () => undefined }
  const places = new Places(fails, 1)
  await expect(places.take('a', 'k')).rejects.toThrow('gone')
  await expect(places.take('a', 'k')).rejects.toThrow('gone')
})

test('what nobody has told the end of is given back at the end', () => {
  const counters = counts()
  const places = new Places(counters, 2)
  for (const [connection, key] of [
    ['a', 'k'],
    ['b', 'k'],
    ['c', 'other'],
  ] as const) {
    expect(places.take(connection, key)).toBe(true)
  }
  places.freeAll()
  expect(counters.keys()).toEqual([])
})

/** Connections come to one of two instances with counts in common, get an answer, and end, in any order. */
const steps = fc.oneof(
  fc.record({ do: fc.constant('come' as const), to: fc.nat(1), key: fc.nat(1) }),
  fc.record({ do: fc.constant('answer' as const) }),
  fc.record({ do: fc.constant('end' as const), which: fc.nat() }),
)

test('never more than the limit, and everything free after all ends, whatever the order', async () => {
  const limit = 3
  const property = fc.asyncProperty(fc.array(steps, { size: 'large' }), async (each) => {
    const counters = counts()
    const late = slow(counters)
    const both = [new Places(late.counters, limit), new Places(late.counters, limit)] as const
    const open = new Map<string, { places: Places; key: string; isIn: boolean }>()
    const admitted = (key: string) =>
      [...open.values()].filter((one) => one.isIn && one.key === key).length
    const settle = async () => {
      late.answer()
      await new Promise((resolve) => setImmediate(resolve))
    }
    let serial = 0
    for (const step of each) {
      if (step.do === 'come') {
        const [id, key] = [String(++serial), `k${step.key}`]
        const one = { places: both[step.to] ?? both[0], key, isIn: false }
        open.set(id, one)
        void Promise.resolve(one.places.take(id, key)).then((isTaken) => (one.isIn = isTaken))
      } else if (step.do === 'answer') await settle()
      else {
        const ids = [...open.keys()]
        const id = ids[step.which % Math.max(1, ids.length)] ?? ''
        open.get(id)?.places.free(id)
        open.delete(id)
      }
      for (const key of ['k0', 'k1']) expect(admitted(key)).toBeLessThanOrEqual(limit)
    }
    for (const [id, { places }] of open) places.free(id)
    for (let count = 0; count < serial; count++) await settle()
    expect(counters.keys()).toEqual([])
  })
  await expect(fc.assert(property, { numRuns: 100 })).resolves.toBeUndefined()
})
