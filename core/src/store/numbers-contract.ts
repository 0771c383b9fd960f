import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from './store.ts'
import type { StorePlace } from './store-contract.ts'

const later = 10_000

const sum = (key: string, amount: number, ceiling = 1_000_000, until = later) => ({
  instance: 'i',
  key,
  amount,
  ceiling,
  until,
})

/** What the numbers of every store must do. */
export function describeNumbers(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`${name}: the contract of numbers`, () => {
    let place: StorePlace
    let store: Store

    beforeEach(async () => {
      place = await makePlace()
      store = await place.open()
    })
    afterEach(async () => {
      await store.close()
      await place.remove()
    })

    const add = async (...sums: Parameters<typeof sum>[]) =>
      store.numbers.add(
        sums.map((each) => sum(...each)),
        0,
      )
    const read = (keys: readonly string[], now = 0) =>
      store.numbers.read(
        keys.map((key) => ({ instance: 'i', key })),
        now,
      )

    test('adds, takes away, and leaves what would pass the ceiling', async () => {
      expect(await add(['a', 3, 5])).toEqual([3])
      expect(await add(['a', 3, 5])).toEqual([undefined])
      expect(await add(['a', 2, 5])).toEqual([5])
      expect(await add(['a', -7, 5])).toEqual([-2])
      expect(await read(['a', 'unknown'])).toEqual([-2, 0])
    })

    test('answers many sums in their order, whatever the order of their names', async () => {
      const keys = Array.from({ length: 300 }, (_, i) => `k${(i * 7) % 300}`)
      await add(['k5', 9, 10])
      const added = await add(...keys.map((key, i): [string, number, number] => [key, i + 1, 300]))
      expect(added).toEqual(
        keys.map((key, i) => {
          const total = key === 'k5' ? i + 10 : i + 1
          return total > 300 ? undefined : total
        }),
      )
      expect(await read(['k7', 'k0'])).toEqual([2, 1])
    })

    test('two instances share no number, and forgetting one leaves the other', async () => {
      await add(['a', 1])
      await store.numbers.add([{ ...sum('a', 5), instance: 'j' }], 0)
      expect(await read(['a'])).toEqual([1])
      await store.numbers.forget(['i'])
      expect(await read(['a'])).toEqual([0])
      expect(await store.numbers.read([{ instance: 'j', key: 'a' }], 0)).toEqual([5])
    })

    test('an expired number counts as none, begins anew, and is swept', async () => {
      await add(['a', 4], ['b', 2, 9, 99_999_999])
      expect(await read(['a'], later - 1)).toEqual([4])
      expect(await read(['a'], later)).toEqual([0])
      expect(await store.numbers.add([sum('a', 5, 5, 2 * later)], later)).toEqual([5])
      expect(await store.numbers.sweep(2 * later)).toBe(false)
      expect(await read(['a', 'b'])).toEqual([5, 2])
      expect(await store.numbers.sweep(2 * later + 60_000)).toBe(false)
      // Seen from before it expired, it would still be there.
      expect(await read(['a', 'b'])).toEqual([0, 2])
    })

    test('many expired numbers are swept in steps', async () => {
      await add(...Array.from({ length: 1001 }, (_, i): [string, number] => [`k${i}`, 1]))
      expect(await store.numbers.sweep(1e9)).toBe(true)
      expect(await store.numbers.sweep(1e9)).toBe(false)
      expect(await read(['k0', 'k999', 'k1000'])).toEqual([0, 0, 0])
    })

    const swap = (key: string, replaces: number | undefined, text: string, until = later) =>
      store.numbers.swap([{ instance: 'i', key, replaces, text, until }])
    const look = async (key: string) => (await store.numbers.look([{ instance: 'i', key }]))[0]

    test('a text is replaced by who knows its version, and by nobody else', async () => {
      expect(await look('a')).toBeUndefined()
      expect([await swap('a', undefined, 'one'), await swap('a', undefined, 'two')]).toEqual([
        [true],
        [false],
      ])
      const { version = 0, text } = (await look('a')) ?? {}
      expect(text).toBe('one')
      const both = await Promise.all([swap('a', version, 'three'), swap('a', version, 'four')])
      expect(both).toEqual([[true], [false]])
      expect(await look('a')).toEqual({ version: version + 1, text: 'three' })
    })

    test('many texts are replaced in one go, each for itself, and swept or forgotten like numbers', async () => {
      await swap('k7', undefined, 'mine', 1e15)
      const names = Array.from({ length: 300 }, (_, i) => ({ instance: 'i', key: `k${i}` }))
      const swaps = names.map((each) => ({
        ...each,
        replaces: undefined,
        text: each.key,
        until: later,
      }))
      const swapped = await store.numbers.swap(swaps)
      expect(swapped.map((done, i) => (done ? -1 : i)).filter((i) => i >= 0)).toEqual([7])
      const texts = (await store.numbers.look(names)).map((each) => each?.text)
      expect(texts).toEqual(names.map(({ key }) => (key === 'k7' ? 'mine' : key)))
      await store.numbers.sweep(later + 60_000)
      expect([await look('k8'), (await look('k7'))?.text]).toEqual([undefined, 'mine'])
      await store.numbers.forget(['i'])
      expect(await look('k7')).toBeUndefined()
    })

    test('numbers are exact up to 2^53 and never beyond', async () => {
      const { MAX_SAFE_INTEGER: most, MIN_SAFE_INTEGER: least } = Number
      expect(await add(['a', most, most])).toEqual([most])
      expect(await add(['a', 1, most])).toEqual([undefined])
      expect(await add(['b', least], ['c', -1])).toEqual([least, -1])
      expect(await add(['b', -1], ['c', -1])).toEqual([undefined, -2])
    })

    test('at the same time exactly what fits is added', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 60 }, (_, i) => add(['a', 1, 40], [`other ${i % 7}`, 1])),
      )
      expect(outcomes.filter(([added]) => added !== undefined)).toHaveLength(40)
      expect(await read(['a'])).toEqual([40])
    })

    test('they outlive the store, are no change of it, and end with it', async () => {
      await add(['a', 3, 5, 1e15])
      expect((await store.load()).revision).toBe(0)
      expect((await store.history?.list({ size: 10 })) ?? []).toEqual([])
      await store.close()
      await expect(add(['a', 1])).rejects.toMatchObject({ reason: 'unavailable' })
      store = await place.open()
      expect(await read(['a'])).toEqual([3])
    })

    test('keys of any script keep apart', async () => {
      const keys = ['ü', 'u', "'; drop table", '語'.repeat(512), 'A', 'a']
      await add(...keys.map((key, i): [string, number] => [key, i + 1]))
      expect(await read(keys)).toEqual([1, 2, 3, 4, 5, 6])
    })
  })
}
