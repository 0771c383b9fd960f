import type { PeerHealth } from '../../balancing/messages.ts'
import { PeerState } from '../../balancing/health/peer-state.ts'
import type { TargetAddress } from '../../balancing/target-addresses.ts'
import { markOf } from '../../entities/plan-mark.ts'
import type { TargetRow } from '../../entities/rows.ts'

/** A target that leads to a peer. */
export interface Owner {
  readonly row: TargetRow
  readonly address: TargetAddress
}

/** One address of an upstream, and what is known of it. */
export class TrackedPeer {
  readonly name: string
  readonly state = new PeerState()
  /** By the id of the target; several may lead to the same address. */
  readonly owners = new Map<string, Owner>()
  #available = true
  #recovered: number | undefined

  constructor(name: string) {
    this.name = name
  }

  /** What operators say of it: a target that is not to be used counts for all. */
  get mark(): boolean | undefined {
    const marks = new Set([...this.owners.values()].map(({ row }) => markOf(row, this.name)))
    if (marks.has(false)) return false
    return marks.has(true) ? true : undefined
  }

  /** The targets that lead here, as they were written. */
  get targets(): readonly string[] {
    return [...this.owners.values()].map(({ row }) => row.target)
  }

  /** Whether any target would send connections here. */
  get weighs(): boolean {
    return [...this.owners.values()].some(({ address }) => address.weight > 0)
  }

  /** @param now milliseconds since the epoch. @returns whether this is news */
  settle(available: boolean, now: number): boolean {
    if (this.#available === available) return false
    this.#available = available
    this.#recovered = available ? now : undefined
    return true
  }

  /** What workers are told. */
  tell(): PeerHealth {
    const known = { peer: this.name, available: this.#available }
    return this.#recovered === undefined ? known : { ...known, recovered: this.#recovered }
  }
}
