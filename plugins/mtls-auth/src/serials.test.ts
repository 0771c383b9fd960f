import { expect, test } from 'vitest'
import { hasSerial, tabulate } from './serials.ts'

/** Serial numbers, each behind its length. */
function listOf(serials: readonly Buffer[]) {
  const places: number[] = []
  let at = 0
  for (const serial of serials) {
    places.push(at + 1)
    at += serial.length + 1
  }
  return { bytes: Buffer.concat(serials.flatMap((each) => [Buffer.of(each.length), each])), places }
}

const numbered = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, n) => {
    const serial = Buffer.alloc(1 + (n % 16))
    serial.writeUIntBE(n % 256, 0, 1)
    serial.writeUIntBE(Math.floor(n / 256) % 256, serial.length - 1, 1)
    return serial
  })

test('in a list of many, everyone is found, and nobody else', async () => {
  // More than are taken in at once.
  const serials = Array.from({ length: 25_000 }, (_, n) => Buffer.from([1, n >> 16, n >> 8, n]))
  const { bytes, places } = listOf(serials)
  const table = await tabulate(bytes, places)
  expect(serials.filter((each) => !hasSerial(table, bytes, each))).toEqual([])
  const others = serials.map((each) => Buffer.from([2, ...each.subarray(1)]))
  expect(others.filter((each) => hasSerial(table, bytes, each))).toEqual([])
  expect(table.count).toBe(25_000)
})

test('what begins or ends alike is something else', async () => {
  const { bytes, places } = listOf([Buffer.of(1, 2), Buffer.of(0, 1, 2, 3), Buffer.of()])
  const table = await tabulate(bytes, places)
  const has = (...serial: number[]) => hasSerial(table, bytes, Buffer.of(...serial))
  expect([has(1, 2), has(0, 1, 2, 3), has()]).toEqual([true, true, true])
  expect([has(1), has(2), has(1, 2, 3), has(0, 1, 2)]).toEqual([false, false, false, false])
})

test('who is on it twice is on it; an empty list has nobody', async () => {
  const { bytes, places } = listOf([...numbered(40), ...numbered(40)])
  const table = await tabulate(bytes, places)
  expect(numbered(40).every((each) => hasSerial(table, bytes, each))).toBe(true)
  const empty = await tabulate(Buffer.of(), [])
  expect(hasSerial(empty, Buffer.of(), Buffer.of(1))).toBe(false)
})
