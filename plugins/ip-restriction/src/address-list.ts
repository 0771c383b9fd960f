import { ipv4Between, ipv4Number, ipv6Between } from '@kong-ts/pdk'
import { hasIpv4, hasIpv6, RangesBuilder, type Ranges } from './ranges.ts'

/**
 * Collects addresses and ranges as they are written. An IPv4 address that is written as IPv6 (`::ffff:10.0.0.7`,
 * RFC 4291 section 2.5.5.2) is the IPv4 address it carries; other IPv6 ranges, `::/0` too, hold no IPv4.
 */
export class AddressListBuilder {
  readonly #ranges = new RangesBuilder()
  #count = 0

  /** @returns whether it is an address, or a range as `10.0.0.0/8` */
  add(entry: string): boolean {
    const slash = entry.indexOf('/')
    const end = slash < 0 ? entry.length : slash
    const address = ipv4Between(entry, 0, end)
    const isAdded =
      address === undefined ? this.#addIpv6(entry, end) : this.#addIpv4(address, entry, end)
    if (isAdded) this.#count += 1
    return isAdded
  }

  /** How many were added. */
  get count(): number {
    return this.#count
  }

  build(): Ranges {
    return this.#ranges.build()
  }

  #addIpv4(address: number, entry: string, end: number): boolean {
    const prefix = prefixOf(entry, end, 32)
    if (prefix === undefined) return false
    this.#ranges.addIpv4(address, prefix)
    return true
  }

  #addIpv6(entry: string, end: number): boolean {
    const prefix = prefixOf(entry, end, 128)
    const words = prefix === undefined ? undefined : ipv6Between(entry, 0, end)
    if (prefix === undefined || words === undefined) return false
    const address = prefix < 96 ? undefined : mappedIpv4(words)
    if (address === undefined) this.#ranges.addIpv6(words, prefix)
    else this.#ranges.addIpv4(address, prefix - 96)
    return true
  }
}

/** What stands behind the slash; the whole address where there is none. */
function prefixOf(entry: string, end: number, longest: number): number | undefined {
  if (end === entry.length) return longest
  const text = entry.slice(end + 1)
  const prefix = /^\d{1,3}$/.test(text) ? Number(text) : longest + 1
  return prefix <= longest ? prefix : undefined
}

function mappedIpv4(words: Uint32Array): number | undefined {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff ? words[3] : undefined
}

/** Addresses and ranges to look clients up in. */
export class AddressList {
  readonly #ranges: Ranges

  constructor(ranges: Ranges) {
    this.#ranges = ranges
  }

  /** @param entries valid ones */
  static of(entries: readonly string[]): AddressList {
    const builder = new AddressListBuilder()
    for (const entry of entries) builder.add(entry)
    return new AddressList(builder.build())
  }

  has(client: string): boolean {
    const { ipv4, ipv6 } = this.#ranges
    const number = ipv4Number(client)
    if (number !== undefined) return hasIpv4(ipv4, number)
    // A zone names an interface of this machine and is no part of the address.
    const zone = client.indexOf('%')
    const words = ipv6Between(client, 0, zone < 0 ? client.length : zone)
    if (words === undefined) return false
    const mapped = mappedIpv4(words)
    return mapped === undefined ? hasIpv6(ipv6, words) : hasIpv4(ipv4, mapped)
  }
}
