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

interface Come {
  readonly places: Places
  readonly key: string
  isIn: boolean
}

/** Connections come to one of two instances with counts in common, get an answer, and end, in any order. */
const steps = fc.oneof(
  fc.record({ do: fc.constant('come' as const), to: fc.nat(1), key: fc.nat(1) }),
  fc.record({ do: fc.constant('answer' as const) }),
  fc.record({ do: fc.constant('end' as const), which: fc.nat() }),
)

class Trial {
  readonly counters = counts()
  readonly #late = slow(this.counters)
  readonly #instances = [0, 1].map(() => new Places(this.#late.counters, limit))
  readonly #open = new Map<string, Come>()
  #serial = 0

  come(to: number, key: string): void {
    const id = String(++this.#serial)
    const one = { places: this.#instances[to]!, key, isIn: false }
    this.#open.set(id, one)
    void Promise.resolve(one.places.take(id, key)).then((isTaken) => (one.isIn = isTaken))
  }

  async answer(): Promise<void> {
    this.#late.answer()
    await new Promise((resolve) => setImmediate(resolve))
  }

  end(which: number): void {
    const id = [...this.#open.keys()][which % Math.max(1, this.#open.size)] ?? ''
    this.#open.get(id)?.places.free(id)
    this.#open.delete(id)
  }

  async endAll(): Promise<void> {
    while (this.#open.size > 0) this.end(0)
    for (let count = 0; count < this.#serial; count++) await this.answer()
  }

  admitted(key: string): number {
    return [...this.#open.values()].filter((one) => one.isIn && one.key === key).length
  }
}

const limit = 3

test('never more than the limit, and everything free after all ends, whatever the order', async () => {
  const property = fc.asyncProperty(fc.array(steps, { size: 'large' }), async (each) => {
    const trial = new Trial()
    for (const step of each) {
      if (step.do === 'come') trial.come(step.to, `k${step.key}`)
      else if (step.do === 'answer') await trial.answer()
      else trial.end(step.which)
      for (const key of ['k0', 'k1']) expect(trial.admitted(key)).toBeLessThanOrEqual(limit)
    }
    await trial.endAll()
    expect(trial.counters.keys()).toEqual([])
  })
  await expect(fc.assert(property, { numRuns: 100 })).resolves.toBeUndefined()
})
