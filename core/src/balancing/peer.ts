import { peerKey, type Place } from './places.ts'

/** Milliseconds after which a connect time counts for 1/e of what it did. */
const decay = 10_000
/** The least share of a peer that has just recovered: without any connection nothing is learned of it. */
const leastShare = 0.01

/** How a peer does, as far as balancing minds. */
export interface Condition {
  /** Whether it takes new connections. */
  readonly available: boolean
  /** Milliseconds since the epoch, when it became available again. */
  readonly recovered?: number | undefined
}

/** An address of a target that connections are made to. It stays the same while its place changes. */
export class Peer {
  readonly key: string
  /** Connections of this worker, from the begun connect to the end of the session. */
  own = 0
  /** Connections of the other workers of this node. */
  others = 0
  /** Connections of this worker that are not made yet. */
  connecting = 0
  available = true
  /** Called when its connections are to end. */
  readonly evictions = new Set<() => void>()
  #place: Place
  #recovered: number | undefined
  /** Milliseconds of slow start. */
  #slowStart = 0
  #credit = 0
  /** Milliseconds that a connect takes, and when that was last measured. */
  #latency = 0
  #measured = 0

  constructor(place: Place) {
    this.#place = place
    this.key = peerKey(place.ip, place.port)
  }

  get place(): Place {
    return this.#place
  }

  get weight(): number {
    return this.#place.weight
  }

  /** Live connections of the whole node. */
  get load(): number {
    return this.own + this.others
  }

  /** Whether its share has still to grow to its weight. */
  get slow(): boolean {
    return this.#recovered !== undefined
  }

  move(place: Place): void {
    this.#place = place
  }

  /** @param slowStart milliseconds over which its share grows after it has recovered */
  heal({ available, recovered }: Condition, slowStart: number): void {
    this.available = available
    this.#recovered = available && slowStart > 0 ? recovered : undefined
    this.#slowStart = slowStart
  }

  /** How much of its weight it has: 1, or less during slow start. @param now milliseconds since the epoch */
  share(now: number): number {
    if (this.#recovered === undefined) return 1
    const share = (now - this.#recovered) / this.#slowStart
    if (share >= 1) this.#recovered = undefined
    return Math.min(1, Math.max(leastShare, share))
  }

  /** Whether it takes this one of the connections that it would have by its weight; it takes its share of them. */
  admits(now: number): boolean {
    this.#credit += this.share(now)
    if (this.#credit < 1) return false
    this.#credit -= 1
    return true
  }

  /** A connect took so long; what is slower than expected is believed at once. */
  measure(milliseconds: number, now: number): void {
    const before = Math.exp(-Math.max(0, now - this.#measured) / decay)
    const average = this.#latency * before + milliseconds * (1 - before)
    this.#latency = Math.max(average, milliseconds)
    this.#measured = now
  }

  /**
   * Milliseconds that a connect is expected to take, with those that are under way; it sinks while nobody asks, so
   * that a slow peer is tried again. One that nobody has tried costs nothing, until somebody does.
   */
  cost(now: number): number {
    if (this.#measured === 0) return this.connecting === 0 ? 0 : Infinity
    const aged = this.#latency * Math.exp(-Math.max(0, now - this.#measured) / decay)
    return aged * (this.connecting + 1)
  }
}
