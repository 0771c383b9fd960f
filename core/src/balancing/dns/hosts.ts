import { isIPv4, isIPv6 } from 'node:net'
import { canonical } from './records.ts'

/** The addresses of a name in a hosts file, those of IPv4 first. */
export type Hosts = ReadonlyMap<string, readonly string[]>

/** Reads a hosts file (hosts(5)): lines of an address and its names, `#` begins a comment. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, string[]>()
  const add = (name: string, address: string): void => {
    const known = hosts.get(canonical(name))
    if (!known) hosts.set(canonical(name), [address])
    else if (!known.includes(address)) known.push(address)
  }
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
  for (const isFamily of [isIPv4, isIPv6]) {
    for (const [address = '', ...names] of lines) {
      if (isFamily(address)) for (const name of names) add(name, address)
    }
  }
  return hosts
}
