import { networkInterfaces } from 'node:os'
import type { Endpoint } from '@kong-ts/pdk'
import { parseAddress, type Address } from '../../routing/address.ts'

/** Milliseconds after which the addresses of this machine are looked up again. */
const freshFor = 10_000

export interface Listener extends Endpoint {
  /** Whether a listener on an address of IPv6 takes no connection of IPv4. */
  readonly ipv6Only: boolean
}

/** The machine that listens. */
export interface Machine {
  /** Its addresses, as they are now. */
  readonly addresses: () => readonly string[]
  /** Milliseconds on a clock that only goes forward. */
  readonly now: () => number
}

const thisMachine: Machine = {
  addresses: () => Object.values(networkInterfaces()).flatMap(addressesOf),
  now: () => performance.now(),
}

/**
 * Tells whether an address and port leads to one of these listeners: a listener on 0.0.0.0 or :: has every address of
 * this machine. What leads here by way of another machine cannot be seen.
 */
export function ownListeners(
  listeners: readonly Listener[],
  machine: Machine = thisMachine,
): (ip: string, port: number) => boolean {
  const byPort = Map.groupBy(listeners, ({ port }) => port)
  const isLocal = localAddresses(machine)
  return (ip, port) => {
    const there = byPort.get(port)
    if (!there) return false
    const target = plainText(ip)
    return there.some((listener) => {
      const own = plainText(listener.address)
      return own === target || (takes(own, listener, target) && isLocal(target))
    })
  }
}

/** Whether a listener on all addresses takes connections of the family of this one. */
function takes(own: string, { address, ipv6Only }: Listener, target: string): boolean {
  if (own === ipv6Loopback && isUnspecified(address)) return !ipv6Only || target.includes(':')
  return own === ipv4Loopback && isUnspecified(address) && !target.includes(':')
}

const [ipv4Loopback, ipv6Loopback] = ['2130706433', '0:0:0:0:0:0:0:1']

function isUnspecified(text: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && /^[0:]+$/.test(textOf(address))
}

/** One text for each address; who connects to the unspecified one comes to the loopback of its family. */
function plainText(text: string): string {
  const address = parseAddress(text)
  if (!address) return text
  if (!isUnspecified(text)) return textOf(address)
  return address.family === 4 ? ipv4Loopback : ipv6Loopback
}

function textOf(address: Address): string {
  return address.family === 4 ? String(address.value) : address.groups.join(':')
}

/** All of 127.0.0.0/8 is this machine (RFC 1122 section 3.2.1.3). */
function isLoopback(text: string): boolean {
  return (
    text === ipv6Loopback || (!text.includes(':') && Math.floor(Number(text) / 2 ** 24) === 127)
  )
}

function localAddresses({ addresses, now }: Machine): (text: string) => boolean {
  let known: ReadonlySet<string> = new Set()
  let until = -Infinity
  return (text) => {
    if (isLoopback(text)) return true
    if (now() >= until) {
      known = new Set(addresses().map(plainText))
      until = now() + freshFor
    }
    return known.has(text)
  }
}

function addressesOf(each: readonly { readonly address: string }[] | undefined): readonly string[] {
  return each?.map(({ address }) => address) ?? []
}
