import { setImmediate as pause } from 'node:timers/promises'

/** How many are taken in without a pause: a long list must not hold up the connections of the worker. */
export const stride = 10_000

/** No serial number of a certificate has more (RFC 5280 section 4.1.2.2 says 20 bytes). */
export const longestSerial = 64

/** A hash table of serial numbers that are looked up where they stand: a list of a million is kept once, as it came. */
export interface SerialTable {
  /** The places of their contents, each with its length in the byte before; 0 where there is none. */
  readonly slots: Uint32Array
  readonly seed: number
  readonly count: number
}

/** Makes a table of the serial numbers that begin at these places. */
export async function tabulate(bytes: Uint8Array, places: readonly number[]): Promise<SerialTable> {
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(places.length * 2 + 2)))
  // A list that nobody has vouched for must not be able to choose what collides.
  const seed = Math.trunc(Math.random() * 2 ** 32)
  for (let from = 0; from < places.length; from += stride) {
    for (const place of places.slice(from, from + stride)) {
      slots[slotOf(slots, seed, bytes, { bytes, place, length: lengthAt(bytes, place) })] = place
    }
    await pause()
  }
  return { slots, seed, count: places.length }
}

/** @param serial its contents as DER has them */
export function hasSerial(table: SerialTable, bytes: Uint8Array, serial: Uint8Array): boolean {
  const sought = { bytes: serial, place: 0, length: serial.length }
  return table.slots[slotOf(table.slots, table.seed, bytes, sought)] !== 0
}

interface Sought {
  readonly bytes: Uint8Array
  readonly place: number
  readonly length: number
}

/** Where it stands, or would: the table is never more than half full, so that there is an end. */
function slotOf(slots: Uint32Array, seed: number, bytes: Uint8Array, sought: Sought): number {
  const mask = slots.length - 1
  let slot = hash(seed, sought) & mask
  for (let place = slots[slot]; place; place = slots[slot]) {
    if (isSame(bytes, place, sought)) break
    slot = (slot + 1) & mask
  }
  return slot
}

function isSame(bytes: Uint8Array, place: number, sought: Sought): boolean {
  if (lengthAt(bytes, place) !== sought.length) return false
  for (let at = 0; at < sought.length; at++) {
    if (bytes[place + at] !== sought.bytes[sought.place + at]) return false
  }
  return true
}

function lengthAt(bytes: Uint8Array, place: number): number {
  return bytes[place - 1] ?? 0
}

/** FNV-1a, mixed once more at the end, for the low bits choose the slot. */
function hash(seed: number, { bytes, place, length }: Sought): number {
  let value = seed
  for (let at = place; at < place + length; at++) {
    value = Math.imul(value ^ (bytes[at] ?? 0), 0x01000193)
  }
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d)
  return value ^ (value >>> 13)
}
