import { isIPv4 } from 'node:net'

/** Ranges of IPv4 addresses as sorted numbers: to look one up is a binary search that allocates nothing. */
export class Ipv4Ranges {
  /** First and last address of each range, in turn; no two of them touch. */
  readonly #bounds: readonly number[]

  /** @param ranges first and last address of each, in any order; they may overlap */
  constructor(ranges: readonly (readonly [number, number])[]) {
    const bounds: number[] = []
    for (const [first, last] of ranges.toSorted(([a], [b]) => a - b)) {
      const end = bounds.at(-1)
      if (end === undefined || first > end + 1) bounds.push(first, last)
      else bounds[bounds.length - 1] = Math.max(end, last)
    }
    this.#bounds = bounds
  }

  has(address: number): boolean {
    let [low, high] = [0, this.#bounds.length / 2]
    while (low < high) {
      const middle = (low + high) >> 1
      if (address < (this.#bounds[middle * 2] ?? 0)) high = middle
      else if (address > (this.#bounds[middle * 2 + 1] ?? 0)) low = middle + 1
      else return true
    }
    return false
  }
}

/** The range of `10.0.0.7` or `10.0.0.0/8`, which are valid. */
export function ipv4Range(address: string, prefix: number): readonly [number, number] {
  const size = 2 ** (32 - prefix)
  const first = Math.floor((ipv4Number(address) ?? 0) / size) * size
  return [first, first + size - 1]
}

const [dot, zero] = [46, 48]

/** `10.0.0.7` as a number; undefined for what is no IPv4 address. */
export function ipv4Number(text: string): number | undefined {
  if (!isIPv4(text)) return undefined
  let [address, part] = [0, 0]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === dot) [address, part] = [address * 256 + part, 0]
    else part = part * 10 + code - zero
  }
  return address * 256 + part
}
