import type { TargetRow } from '../entities/rows.ts'
import { readTargetAddress } from '../entities/target-address.ts'
import type { Answer } from './names.ts'
import { peerKey, placesOf } from './places.ts'

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
 * The addresses of a target by which its connections go.
 * @param useSrvName whether the name of an SRV record is the host name
 */
export function addressesOf(
  row: TargetRow,
  answer: Answer,
  useSrvName: boolean,
): readonly TargetAddress[] {
  const sought = { host: hostOf(row), port: portOf(row), weight: weightOf(row), useSrvName }
  return placesOf(sought, answer).map(({ ip, port, weight, host }) => {
    return { peer: peerKey(ip, port), ip, port, weight, host }
  })
}
