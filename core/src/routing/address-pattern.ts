import type { AddressMatch } from '../entities/rows.ts'
import { type Address, type Groups, type Network, parseNetwork } from './address.ts'
import type { Pattern, Shape } from './pattern-map.ts'

/** What an entry of `sources` or `destinations` looks at. The order is its rank: smaller is more specific. */
export interface AddressShape extends Shape {
  /** Undefined: the entry names no address. */
  readonly mask: Mask | undefined
  readonly ported: boolean
}

type Mask =
  | { readonly family: 4; readonly bits: number }
  | { readonly family: 6; readonly groups: Groups }

/** From the most specific on; the prefixes of equal kinds are compared, the longer first. */
const kinds = { addressPort: 0, address: 1, networkPort: 2, port: 3, network: 4, any: 5 }

/** Undefined when the address cannot be read: such an entry matches nothing. */
export function addressPattern(entry: AddressMatch): Pattern<AddressShape> | undefined {
  const network = entry.ip === null ? undefined : parseNetwork(entry.ip)
  if (entry.ip !== null && !network) return undefined
  const shape = shapeOf(network, entry.port !== null)
  const key = keyOf(shape, network?.address, entry.port ?? 0)
  return key === undefined ? undefined : { shape, key }
}

/** The key under which an entry of this shape that matches would stand; undefined when none can match. */
export function keyOf(
  { mask, ported }: AddressShape,
  address: Address | undefined,
  port: number,
): string | number | undefined {
  if (ported && port === 0) return undefined
  if (!mask) return ported ? port : 0
  const masked = address && maskAddress(address, mask)
  return masked === undefined || !ported ? masked : addPort(masked, port)
}

function shapeOf(network: Network | undefined, ported: boolean): AddressShape {
  if (!network) {
    return { order: (ported ? kinds.port : kinds.any) * 512, mask: undefined, ported }
  }
  const { address, prefix } = network
  const whole = prefix === (address.family === 4 ? 32 : 128)
  const plain = whole ? kinds.address : kinds.network
  const withPort = whole ? kinds.addressPort : kinds.networkPort
  const length = (128 - prefix) * 2 + (address.family === 6 ? 1 : 0)
  return { order: (ported ? withPort : plain) * 512 + length, mask: maskOf(network), ported }
}

function maskOf({ address, prefix }: Network): Mask {
  if (address.family === 4) return { family: 4, bits: prefix === 0 ? 0 : -1 << (32 - prefix) }
  const group = (index: number): number => {
    const bits = Math.min(16, Math.max(0, prefix - index * 16))
    return (0xffff << (16 - bits)) & 0xffff
  }
  return {
    family: 6,
    groups: [group(0), group(1), group(2), group(3), group(4), group(5), group(6), group(7)],
  }
}

function maskAddress(address: Address, mask: Mask): string | number | undefined {
  if (address.family === 4) {
    return mask.family === 4 ? (address.value & mask.bits) >>> 0 : undefined
  }
  return mask.family === 6 ? maskedText(address.groups, mask.groups) : undefined
}

function addPort(masked: string | number, port: number): string | number {
  return typeof masked === 'number' ? masked * 65_536 + port : masked + String.fromCharCode(port)
}

/** Sixteen bytes as eight characters: short to hash, and made in one step. */
function maskedText(a: Groups, m: Groups): string {
  return String.fromCharCode(
    a[0] & m[0],
    a[1] & m[1],
    a[2] & m[2],
    a[3] & m[3],
    a[4] & m[4],
    a[5] & m[5],
    a[6] & m[6],
    a[7] & m[7],
  )
}
