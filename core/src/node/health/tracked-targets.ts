import type { Answer, Names, Watch } from '../../balancing/names.ts'
import { addressesOf, hostOf, type TargetAddress } from '../../balancing/target-addresses.ts'
import { isMarked } from '../../entities/plan-mark.ts'
import type { TargetRow } from '../../entities/rows.ts'

/** What is told of targets and where they lead. */
export interface TargetsListener {
  /** A target leads here, as it did or from now on. */
  enter(row: TargetRow, address: TargetAddress): void
  /** A target does not lead to a peer any more. */
  leave(target: string, peer: string): void
}

interface Target {
  row: TargetRow
  answer: Answer
  watch: Watch | undefined
  peers: ReadonlySet<string>
}

const unresolved: Answer = { addresses: [], type: 'A' }

/** Follows what the names of the targets of an upstream lead to. */
export class TrackedTargets {
  readonly #names: Pick<Names, 'watch'>
  readonly #listener: TargetsListener
  readonly #targets = new Map<string, Target>()
  #useSrvName: boolean

  constructor(names: Pick<Names, 'watch'>, useSrvName: boolean, listener: TargetsListener) {
    this.#names = names
    this.#useSrvName = useSrvName
    this.#listener = listener
  }

  /** Whether an operator has said something of any of them. */
  get isMarked(): boolean {
    return [...this.#targets.values()].some(({ row }) => isMarked(row))
  }

  set useSrvName(use: boolean) {
    if (use === this.#useSrvName) return
    this.#useSrvName = use
    for (const target of this.#targets.values()) this.#follow(target)
  }

  put(row: TargetRow): void {
    const known = this.#targets.get(row.id)
    if (!known || hostOf(known.row) !== hostOf(row)) return this.#watch(row, known)
    if (known.row === row) return
    known.row = row
    this.#follow(known)
  }

  /** @param before the target under another name: where that leads is all that is known for now */
  #watch(row: TargetRow, before?: Target): void {
    before?.watch?.close()
    const peers = before?.peers ?? new Set<string>()
    const target: Target = { row, answer: unresolved, watch: undefined, peers }
    this.#targets.set(row.id, target)
    target.watch = this.#names.watch(hostOf(row), (answer) => {
      target.answer = answer
      if (this.#targets.get(row.id) === target) this.#follow(target)
    })
  }

  remove(id: string): void {
    const target = this.#targets.get(id)
    if (!target) return
    target.watch?.close()
    this.#targets.delete(id)
    for (const peer of target.peers) this.#listener.leave(id, peer)
  }

  /** Forgets all of them, and says which they were. */
  close(): readonly string[] {
    const ids = [...this.#targets.keys()]
    for (const id of ids) this.remove(id)
    return ids
  }

  #follow(target: Target): void {
    const { row, answer } = target
    const addresses = addressesOf(row, answer, this.#useSrvName)
    const peers = new Set(addresses.map(({ peer }) => peer))
    const gone = [...target.peers].filter((peer) => !peers.has(peer))
    target.peers = peers
    for (const peer of gone) this.#listener.leave(row.id, peer)
    for (const address of addresses) this.#listener.enter(row, address)
  }
}
