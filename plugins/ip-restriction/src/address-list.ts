import { BlockList, isIPv4 } from 'node:net'
import { ipv4Number, ipv4Range, Ipv4Ranges } from './ipv4-ranges.ts'

const mapped = new BlockList()
mapped.addSubnet('::ffff:0:0', 96, 'ipv6')

/**
 * Addresses and ranges. An IPv4 address that comes as IPv6 (`::ffff:10.0.0.7`, RFC 4291 section 2.5.5.2) is the
 * IPv4 address it carries, in the list and when it is looked up; other IPv6 ranges, `::/0` too, hold no IPv4.
 */
export class AddressList {
  readonly #ipv4 = new BlockList()
  readonly #ipv6 = new BlockList()
  /** What `#ipv4` has, for a quicker look; undefined where some of it was written as IPv6. */
  readonly #ranges: Ipv4Ranges | undefined

  /** @param entries addresses, or ranges as `10.0.0.0/8`; they are valid */
  constructor(entries: readonly string[]) {
    const ranges = entries.map((entry) => this.#add(entry))
    if (!ranges.includes('mapped')) this.#ranges = new Ipv4Ranges(ranges.filter(isRange))
  }

  has(client: string): boolean {
    const number = this.#ranges && ipv4Number(client)
    if (number !== undefined) return this.#ranges?.has(number) === true
    // A zone names an interface of this machine and is no part of the address.
    const address = client.replace(/%.*$/, '')
    if (isIPv4(address)) return this.#ipv4.check(address)
    const list = mapped.check(address, 'ipv6') ? this.#ipv4 : this.#ipv6
    return list.check(address, 'ipv6')
  }

  #add(entry: string): Range | 'mapped' | 'ipv6' {
    const [address = '', prefix] = entry.split('/')
    if (isIPv4(address)) {
      const bits = Number(prefix ?? 32)
      this.#ipv4.addSubnet(address, bits, 'ipv4')
      return ipv4Range(address, bits)
    }
    const length = Number(prefix ?? 128)
    const isMapped = length >= 96 && mapped.check(address, 'ipv6')
    const list = isMapped ? this.#ipv4 : this.#ipv6
    list.addSubnet(address, length, 'ipv6')
    return isMapped ? 'mapped' : 'ipv6'
  }
}

type Range = ReturnType<typeof ipv4Range>

function isRange(added: Range | string): added is Range {
  return typeof added !== 'string'
}
