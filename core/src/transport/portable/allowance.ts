import type { Allowance } from '../transport.ts'

/** A turn is worth at least a packet, or all that there is: the others have theirs with the next grant. */
const smallestTurn = 1460

/** A direction that takes its bytes out of an allowance. */
export interface Drawer {
  /** Its turn has come. */
  resume(): void
}

/** An allowance of streams of Node. */
export class StreamAllowance implements Allowance {
  readonly #low: number
  readonly #hear: () => void
  /** In the order in which they came. */
  readonly #waiting = new Set<Drawer>()
  #left = 0
  #turn: Drawer | undefined
  #turnLeft = 0
  #toldLow = false
  #toldEmpty = false
  #granting = false
  #closed = false

  constructor(low: number, hear: () => void) {
    this.#low = low
    this.#hear = hear
  }

  get left(): number {
    return this.#left
  }

  /** Bytes that may pass now; with none the direction stands in line. */
  offer(drawer: Drawer): number {
    if (this.#closed) return Infinity
    if (this.#waiting.has(drawer)) return 0
    const share = Math.floor(this.#shareOf(drawer))
    if (share >= 1) return share
    this.#waiting.add(drawer)
    if (!this.#toldEmpty && !this.#granting) this.#tellEmpty()
    return 0
  }

  take(drawer: Drawer, bytes: number): void {
    if (this.#closed) return
    this.#left -= bytes
    if (this.#turn === drawer) this.#turnLeft -= bytes
    if (this.#left >= this.#low || this.#toldLow) return
    this.#toldLow = true
    // Whoever hears it may grant at once: not in the middle of a turn.
    queueMicrotask(this.#hear)
  }

  /** Takes a direction out of the line. */
  leave(drawer: Drawer): void {
    this.#waiting.delete(drawer)
  }

  grant(bytes: number): void {
    this.#left += bytes
    this.#toldLow = this.#toldEmpty = false
    if (this.#granting) return
    this.#granting = true
    let turns = this.#waiting.size
    for (const drawer of this.#waiting) {
      if (turns === 0 || !(this.#closed || this.#left >= 1)) break
      this.#waiting.delete(drawer)
      this.#turn = drawer
      this.#turnLeft = Math.max(this.#left / turns, smallestTurn)
      drawer.resume()
      this.#turn = undefined
      turns -= 1
    }
    this.#granting = false
    if (this.#waiting.size > 0 && !this.#toldEmpty) this.#tellEmpty()
  }

  close(): void {
    this.#closed = true
    this.grant(0)
  }

  #tellEmpty(): void {
    this.#toldEmpty = true
    queueMicrotask(this.#hear)
  }

  #shareOf(drawer: Drawer): number {
    if (this.#turn === drawer) return Math.min(this.#left, this.#turnLeft)
    return this.#waiting.size > 0 ? 0 : this.#left
  }
}
