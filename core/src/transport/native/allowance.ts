import { StreamAllowance, type Drawer } from '../portable/allowance.ts'
import type { Hub, Source } from './hub.ts'

/**
 * An allowance of the engine and of what was handed over to streams of Node. Each of the two has a pot of its own once
 * both draw; what one lacks it takes from the other before anybody is told.
 */
export class NativeAllowance extends StreamAllowance implements Source {
  /** Of the engine's limit; below zero while there is none. */
  id = -1
  readonly #hub: Hub
  readonly #low: number
  readonly #hearLow: () => void
  #hasStreams = false
  #closed = false

  constructor(hub: Hub, low: number, hear: () => void) {
    super(low, () => this.#streamsRanLow())
    this.#hub = hub
    this.#low = low
    this.#hearLow = hear
  }

  override get left(): number {
    return super.left + this.#engineLeft
  }

  /** The limit that relays of the engine draw from; made for the first of them. */
  engineLimit(): number {
    if (this.id < 0) {
      this.id = this.#hub.addon.limit(this.#low)
      this.#hub.attend(this)
      if (this.#closed) this.#leaveEngine()
      else if (!this.#hasStreams) this.#toEngine(super.left)
    }
    return this.id
  }

  override offer(drawer: Drawer): number {
    this.#hasStreams = true
    return super.offer(drawer)
  }

  override grant(bytes: number): void {
    if (this.id < 0) super.grant(bytes)
    else if (this.#hasStreams) {
      const half = Math.ceil(bytes / 2)
      super.grant(half)
      this.#hub.addon.grant(this.id, bytes - half)
    } else this.#hub.addon.grant(this.id, bytes)
  }

  override close(): void {
    this.#closed = true
    super.close()
    if (this.id >= 0) this.#leaveEngine()
  }

  /** The engine's pot. */
  ranLow(): void {
    const spare = Math.floor(super.left / 2)
    if (spare >= 1) this.#toEngine(spare)
    else this.#hearLow()
  }

  #streamsRanLow(): void {
    const spare = Math.floor(this.#engineLeft / 2)
    if (spare >= 1) this.#toEngine(-spare)
    else this.#hearLow()
  }

  #toEngine(bytes: number): void {
    super.grant(-bytes)
    this.#hub.addon.grant(this.id, bytes)
  }

  #leaveEngine(): void {
    this.#hub.addon.unlimit(this.id)
    this.#hub.neglect(this)
  }

  get #engineLeft(): number {
    return this.id < 0 ? 0 : this.#hub.addon.left(this.id)
  }
}
