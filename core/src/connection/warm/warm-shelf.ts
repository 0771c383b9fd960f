import type { Awaitable } from '@kong-ts/pdk'
import { TransportError, type Outbound } from '../../transport/transport.ts'
import { Recovery, type RecoveryParts } from './recovery.ts'

/** Milliseconds that an idle connection is kept at most, before firewalls forget it silently; less a quarter at random. */
const longestIdle = 60_000
/** A peer that ends an idle connection sooner than after so many milliseconds does not want idle ones. */
const shortLife = 5_000

/** An idle connection that is handed out. */
export interface Warm {
  readonly outbound: Outbound
  /** Milliseconds that its connect took. */
  readonly took: number
}

export interface ShelfParts extends RecoveryParts {
  readonly connect: () => Promise<Outbound>
  /** What the node may have of idle connections. */
  readonly permits: { take(): Awaitable<boolean>; release(): void }
  /** With what a connect failed, or nothing: the first that works after some have failed. */
  readonly tried: (error: unknown, milliseconds: number) => void
  /** The shelf lacks connections: `add` is to be called. */
  needy(): void
  /** Milliseconds on a clock that only goes forward. */
  readonly now: () => number
  /** Resolves when everything that has arrived by now was seen. */
  readonly turn: () => Promise<void>
}

interface Kept extends Warm {
  readonly watch: AbortController
  readonly born: number
  readonly callOff: () => void
  isLost: boolean
}

/**
 * Idle connections to one peer, for clients that speak first. Each is watched: one whose peer ends it, resets it or
 * speaks is never handed out.
 */
export class WarmShelf {
  readonly #parts: ShelfParts
  readonly #recovery: Recovery
  #wanted = 0
  #kept: Kept[] = []
  /** Those that are connecting, and those that are looked at once more before they go. */
  #moving = 0
  /** How the last connect ended. */
  #hasFailed = false

  constructor(parts: ShelfParts) {
    this.#parts = parts
    this.#recovery = new Recovery(parts, () => this.#ask())
  }

  /** Whether it may have one more, now. */
  get lacks(): boolean {
    return this.#kept.length + this.#moving < this.#wanted && !this.#recovery.isResting
  }

  /** How many it is to have from now on; 0 closes it. */
  aim(wanted: number): void {
    this.#wanted = wanted
    for (const kept of this.#kept.slice(wanted)) this.#drop(kept)
    if (wanted === 0) this.#recovery.close()
    this.#ask()
  }

  /** Connects once, and keeps the connection. Never rejects. */
  async add(): Promise<void> {
    this.#moving += 1
    try {
      if (await this.#parts.permits.take()) await this.#connect()
      // Those that hold the permits give them back sooner or later: a worker that drains, say.
      else this.#rest()
    } finally {
      this.#moving -= 1
      this.#ask()
    }
  }

  /** A connection whose peer has neither spoken nor left; undefined: there is none. */
  async take(): Promise<Warm | undefined> {
    for (let kept = this.#kept.pop(); kept; kept = this.#kept.pop()) {
      this.#moving += 1
      const isSilent = await this.#isSilent(kept)
      this.#moving -= 1
      this.#parts.permits.release()
      this.#ask()
      if (isSilent) {
        this.#recovery.well()
        return { outbound: kept.outbound, took: kept.took }
      }
      kept.outbound.discard()
    }
    return undefined
  }

  #rest(): void {
    if (this.#wanted > 0) this.#recovery.rest()
  }

  #ask(): void {
    if (this.lacks) this.#parts.needy()
  }

  async #connect(): Promise<void> {
    const { now, connect, permits, tried } = this.#parts
    const begun = now()
    try {
      const outbound = await connect()
      // A peer may reset what clients say, and still accept: only a failure of this kind is taken back.
      if (this.#hasFailed) tried(undefined, now() - begun)
      this.#hasFailed = false
      this.#keep(outbound, now() - begun)
    } catch (error) {
      permits.release()
      this.#hasFailed = true
      tried(error, now() - begun)
      this.#rest()
    }
  }

  #keep(outbound: Outbound, took: number): void {
    const { pause, random, now, permits } = this.#parts
    if (this.#kept.length >= this.#wanted) {
      permits.release()
      return outbound.discard()
    }
    const watch = new AbortController()
    const callOff = pause(longestIdle * (1 - random() / 4), () => this.#drop(kept))
    const kept: Kept = { outbound, took, watch, callOff, born: now(), isLost: false }
    this.#kept.push(kept)
    outbound.peek(1, { deadline: Infinity, signal: watch.signal }).then(
      ({ bytes }) => this.#lose(kept, bytes.length > 0),
      (error: unknown) => isCancelled(error) || this.#lose(kept, false),
    )
  }

  /** The peer has spoken or left. One that is being handed out is let go by whoever hands it out. */
  #lose(kept: Kept, hasSpoken: boolean): void {
    kept.isLost = true
    if (hasSpoken) this.#recovery.spoke()
    else if (this.#parts.now() - kept.born < shortLife) this.#rest()
    this.#drop(kept)
  }

  #drop(kept: Kept): void {
    const at = this.#kept.indexOf(kept)
    if (at === -1) return
    this.#kept.splice(at, 1)
    kept.callOff()
    kept.outbound.discard()
    this.#parts.permits.release()
    this.#ask()
  }

  /** As sure as can be: what has arrived in the kernel was seen; what is still on its way was not. */
  async #isSilent(kept: Kept): Promise<boolean> {
    const { outbound, watch } = kept
    kept.callOff()
    await this.#parts.turn()
    if (kept.isLost) return false
    watch.abort()
    return outbound.peek(1, { deadline: Infinity, signal: watch.signal }).then(
      () => false,
      (error: unknown) => isCancelled(error),
    )
  }
}

function isCancelled(error: unknown): boolean {
  return error instanceof TransportError && error.failure === 'cancelled'
}
