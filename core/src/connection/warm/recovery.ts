import type { Pause } from '../pause.ts'

/** Milliseconds of the first rest after something failed; doubles up to the longest. */
const [firstRest, longestRest] = [100, 5_000]
/** Milliseconds without idle connections to a peer that has spoken first; doubles up to the longest. */
const [firstSilence, longestSilence] = [60_000, 3_600_000]
/** So often a peer may speak first: it may have been a word of farewell. */
const patience = 2

export interface RecoveryParts {
  readonly pause: Pause
  /** From 0 to less than 1. */
  readonly random: () => number
  /** The peer speaks first: nothing is kept for so many milliseconds. */
  speaksFirst(milliseconds: number): void
}

/** When to try again to keep connections to a peer that does not take, does not leave them idle, or speaks first. */
export class Recovery {
  readonly #parts: RecoveryParts
  readonly #over: () => void
  #callOff: (() => void) | undefined
  #rest = firstRest
  #silence = firstSilence
  #spoken = 0

  /** @param over called after each rest */
  constructor(parts: RecoveryParts, over: () => void) {
    this.#parts = parts
    this.#over = over
  }

  get isResting(): boolean {
    return this.#callOff !== undefined
  }

  /** Something failed; what fails together counts once. */
  rest(): void {
    if (this.isResting) return
    this.#pause(this.#rest)
    this.#rest = Math.min(this.#rest * 2, longestRest)
  }

  /** The peer has spoken before its client. */
  spoke(): void {
    this.#spoken += 1
    if (this.#spoken < patience || this.isResting) return
    // After the silence one word is enough.
    this.#spoken = patience - 1
    this.#parts.speaksFirst(this.#silence)
    this.#pause(this.#silence)
    this.#silence = Math.min(this.#silence * 2, longestSilence)
  }

  /** A connection was of use. */
  well(): void {
    this.#rest = firstRest
    this.#silence = firstSilence
    this.#spoken = 0
  }

  close(): void {
    this.#callOff?.()
    this.#callOff = undefined
  }

  /** Less up to a half at random, so that those who failed together do not try again together. */
  #pause(milliseconds: number): void {
    this.#callOff = this.#parts.pause(milliseconds * (1 - this.#parts.random() / 2), () => {
      this.#callOff = undefined
      this.#over()
    })
  }
}
