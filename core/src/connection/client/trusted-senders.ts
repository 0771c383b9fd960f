import { BlockList } from 'node:net'
import { parseAddress, parseNetwork } from '../../routing/address.ts'
import { addressText } from '../../routing/address-text.ts'

/**
 * Addresses and ranges that PROXY headers are taken from. An IPv4 address is the same in its mapped form; `::/0` holds
 * no IPv4. `unix:` stands for whoever comes through a unix socket.
 */
export class TrustedSenders {
  readonly #lists = { 4: new BlockList(), 6: new BlockList() }
  readonly #unix: boolean

  /** @param entries as the setting `trusted_ips` has them; they are valid */
  constructor(entries: readonly string[]) {
    this.#unix = entries.includes('unix:')
    for (const entry of entries) this.#add(entry)
  }

  /** @param text an address, or `unix:…` */
  has(text: string): boolean {
    const address = parseAddress(text)
    if (!address) return this.#unix && text.startsWith('unix:')
    return this.#lists[address.family].check(addressText(address), nameOf(address))
  }

  #add(entry: string): void {
    const network = parseNetwork(entry)
    if (!network) return
    const { address, prefix } = network
    this.#lists[address.family].addSubnet(addressText(address), prefix, nameOf(address))
  }
}

function nameOf({ family }: { readonly family: 4 | 6 }): 'ipv4' | 'ipv6' {
  return family === 4 ? 'ipv4' : 'ipv6'
}
