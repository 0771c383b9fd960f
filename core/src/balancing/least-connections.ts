import type { Peer } from './peer.ts'
import type { Ask, Candidates, Picker, Surroundings } from './picker.ts'

interface Node {
  readonly peer: Peer
  /** Live connections against the weight. */
  rank: number
  /** Among equals those go first that have had less than their share of the picks. */
  turn: number
  at: number
}

/** Peers in their slow start that a pick looks behind: in a pool in which all recover there is nothing to gain. */
const slowAtMost = 16

/**
 * The peer with the fewest live connections of the node against its weight, from a heap; equal ones take turns by
 * their weights. In its slow start a peer has the part of its weight that its share is.
 */
export class LeastConnections implements Picker {
  readonly #around: Surroundings
  #nodes = new Map<Peer, Node>()
  #heap: Node[] = []
  /** How far the turns have come. */
  #turn = 0
  #slowLeft = 0
  /** Whose turn has gone on, and who has not been put in order yet: most often its connection follows. */
  #picked: Node | undefined

  constructor(around: Surroundings) {
    this.#around = around
  }

  use({ available }: Candidates): void {
    const before = this.#nodes
    this.#picked = undefined
    this.#heap = available.map((peer, at) => {
      const turn = before.get(peer)?.turn ?? this.#turn + this.#around.random() / peer.weight
      return { peer, rank: peer.load / peer.weight, turn, at }
    })
    this.#nodes = new Map(this.#heap.map((node) => [node.peer, node]))
    for (let at = this.#heap.length >> 1; at >= 0; at--) this.#sink(at)
  }

  pick({ tried }: Ask): Peer | undefined {
    this.#slowLeft = slowAtMost
    this.#order()
    const node = this.#best(0, tried)
    if (!node) return undefined
    const { peer } = node
    const step = 1 / (peer.weight * this.#share(peer))
    this.#turn = Math.max(this.#turn, node.turn)
    node.turn = Math.max(node.turn, this.#turn - step) + step
    this.#picked = node
    return peer
  }

  moved(peer: Peer): void {
    const node = this.#nodes.get(peer)
    if (!node) return
    if (node === this.#picked) this.#picked = undefined
    else this.#order()
    node.rank = peer.load / peer.weight
    this.#rise(node.at)
    this.#sink(node.at)
  }

  rank({ tried }: Ask, first: Peer): readonly Peer[] {
    const others = this.#heap.filter(({ peer }) => peer !== first && !tried.has(peer))
    return [first, ...others.toSorted((a, b) => this.#compare(a, b)).map(({ peer }) => peer)]
  }

  /** Below a peer that is not to be had, or has not its whole weight, there may be a better one. */
  #best(at: number, tried: ReadonlySet<Peer>): Node | undefined {
    const node = this.#heap[at]
    if (!node) return undefined
    const isTried = tried.has(node.peer)
    if (!isTried && (!node.peer.slow || this.#slowLeft-- <= 0)) return node
    const left = this.#best(2 * at + 1, tried)
    const right = this.#best(2 * at + 2, tried)
    return this.#lesser(isTried ? undefined : node, this.#lesser(left, right))
  }

  #lesser(a: Node | undefined, b: Node | undefined): Node | undefined {
    if (!a || !b) return a ?? b
    const difference = a.rank / this.#share(a.peer) - b.rank / this.#share(b.peer)
    return (difference || a.turn - b.turn) <= 0 ? a : b
  }

  #order(): void {
    const picked = this.#picked
    this.#picked = undefined
    if (picked) this.#sink(picked.at)
  }

  #share(peer: Peer): number {
    return peer.slow ? peer.share(this.#around.now()) : 1
  }

  #compare(a: Node, b: Node): number {
    return a.rank - b.rank || a.turn - b.turn
  }

  #rise(from: number): void {
    let at = from
    while (at > 0 && this.#swapIfLess(at, (at - 1) >> 1)) at = (at - 1) >> 1
  }

  #sink(from: number): void {
    let at = from
    for (;;) {
      const left = 2 * at + 1
      const child = this.#isLess(left + 1, left) ? left + 1 : left
      if (!this.#swapIfLess(child, at)) return
      at = child
    }
  }

  #isLess(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a], this.#heap[b]]
    return first !== undefined && second !== undefined && this.#compare(first, second) < 0
  }

  #swapIfLess(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a], this.#heap[b]]
    if (!first || !second || this.#compare(first, second) >= 0) return false
    this.#heap[a] = second
    this.#heap[b] = first
    first.at = b
    second.at = a
    return true
  }
}
