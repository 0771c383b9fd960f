import type { TargetRow } from '../entities/rows.ts'
import { readTargetAddress } from '../entities/target-address.ts'
import type { Answer } from './names.ts'
import { peerName } from './peer-name.ts'

/** One address of a target, as connections and probes reach it. */
export interface TargetAddress {
  readonly peer: string
  readonly ip: string
  readonly port: number
  readonly weight: number
  /** The host name of the target, or of the SRV record where that is asked for. */
  readonly host: string
}

/** The weight and the port of a target that says neither. */
const [defaultWeight, defaultPort] = [100, 8000]

/** The host by which a target is resolved. */
export function hostOf({ target }: TargetRow): string {
  return readTargetAddress(target)?.host ?? target
}

export function portOf({ target }: TargetRow): number {
  return readTargetAddress(target)?.port ?? defaultPort
}

export function weightOf({ weight }: TargetRow): number {
  return weight ?? defaultWeight
}

/**
 * The addresses of a target. What an SRV record says of port and weight holds, but a target of weight 0 has none.
 * @param useSrvName whether the name of an SRV record is the host name
 */
export function addressesOf(
  row: TargetRow,
  { addresses }: Answer,
  useSrvName: boolean,
): readonly TargetAddress[] {
  const host = hostOf(row)
  const own = weightOf(row)
  return addresses.map(({ ip, port: given, weight = own, name }) => {
    const port = given || portOf(row)
    return {
      peer: peerName(ip, port),
      ip,
      port,
      weight: own === 0 ? 0 : weight,
      host: useSrvName ? (name ?? host) : host,
    }
  })
}
