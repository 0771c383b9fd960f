/**
 * Ranges of addresses, sorted, no two of which touch: first and last of each in turn, of IPv4 as numbers, of IPv6 as
 * four words each. Plain arrays of numbers, so that they can be sent to another process.
 */
export interface Ranges {
  readonly ipv4: Uint32Array
  readonly ipv6: Uint32Array
}

/** Whether ranges of IPv4 hold an address: a binary search that allocates nothing. */
export function hasIpv4(bounds: Uint32Array, address: number): boolean {
  // How many ranges begin at the address or before: it can only be in the last of them.
  let [low, high] = [0, bounds.length >> 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (address < (bounds[middle * 2] ?? 0)) high = middle
    else low = middle + 1
  }
  return low > 0 && address <= (bounds[low * 2 - 1] ?? 0)
}

/** The same of IPv6. @param words the address, most significant first */
export function hasIpv6(bounds: Uint32Array, words: Uint32Array): boolean {
  let [low, high] = [0, bounds.length >> 3]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareWords(words, 0, bounds, middle * 8) < 0) high = middle
    else low = middle + 1
  }
  return low > 0 && compareWords(words, 0, bounds, low * 8 - 4) <= 0
}

/** Below 0, 0 or above 0, as of numbers. */
function compareWords(left: Uint32Array, at: number, right: Uint32Array, to: number): number {
  for (let index = 0; index < 4; index++) {
    const difference = (left[at + index] ?? 0) - (right[to + index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Collects networks in any order; they may hold one another. */
export class RangesBuilder {
  /** The first address of each network, times 64, plus its prefix: so that numbers are all there is to sort. */
  readonly #ipv4: number[] = []
  /** The four words of the first address of each network, and its prefix. */
  readonly #ipv6: number[] = []

  /** @param prefix 0 to 32 */
  addIpv4(address: number, prefix: number): void {
    const size = 2 ** (32 - prefix)
    this.#ipv4.push((address - (address % size)) * 64 + prefix)
  }

  /** @param words the address, most significant first @param prefix 0 to 128 */
  addIpv6(words: Uint32Array, prefix: number): void {
    for (let index = 0; index < 4; index++) {
      this.#ipv6.push(((words[index] ?? 0) & maskOf(prefix - index * 32)) >>> 0)
    }
    this.#ipv6.push(prefix)
  }

  build(): Ranges {
    return {
      ipv4: mergeIpv4(Float64Array.from(this.#ipv4).toSorted()),
      ipv6: mergeIpv6(this.#ipv6),
    }
  }
}

/** The word of which the first `bits` bits are set; none for less than 0, all for more than 32. */
function maskOf(bits: number): number {
  if (bits <= 0) return 0
  return bits >= 32 ? 0xffffffff : -1 << (32 - bits)
}

/** Networks lie inside one another or apart, so that one that begins in the one before it ends there. */
function mergeIpv4(sorted: Float64Array): Uint32Array {
  const bounds = new Uint32Array(sorted.length * 2)
  let [count, end] = [0, -1]
  for (const key of sorted) {
    const [first, prefix] = [Math.floor(key / 64), key % 64]
    if (first <= end) continue
    const last = first + 2 ** (32 - prefix) - 1
    if (count === 0 || first > end + 1) bounds[count++] = first
    else count -= 1
    bounds[count++] = end = last
  }
  return bounds.slice(0, count)
}

function mergeIpv6(networks: readonly number[]): Uint32Array {
  const all = Uint32Array.from(networks)
  const order = new Uint32Array(all.length / 5)
    .map((_, index) => index * 5)
    .toSorted((left, right) => compareNetworks(all, left, right))
  const bounds = new Uint32Array(order.length * 8)
  let end = 0
  for (const at of order) {
    if (end > 0 && compareWords(all, at, bounds, end - 4) <= 0) continue
    const prefix = all[at + 4] ?? 0
    for (let index = 0; index < 4; index++) {
      const first = all[at + index] ?? 0
      bounds[end + index] = first
      bounds[end + 4 + index] = first | ~maskOf(prefix - index * 32)
    }
    end += 8
  }
  return bounds.slice(0, end)
}

/** By the first address; of two with the same one, the larger network comes first. */
function compareNetworks(all: Uint32Array, left: number, right: number): number {
  const order = compareWords(all, left, all, right)
  return order === 0 ? (all[left + 4] ?? 0) - (all[right + 4] ?? 0) : order
}
