import { place } from '../../plugins/running-place.ts'

/** Milliseconds between two looks. */
export const lookEvery = 250
/** Milliseconds after which a stall is worth a line. */
const nameAfter = 1_000

/** What is to be done: say, once, who holds up the event loop; end the process, which may have to be tried again. */
export type Step = 'name' | 'end' | undefined

/**
 * Whether the event loop of a process stands still. Time is counted in looks: a process that was stopped as a whole, or
 * got no processor, has had none of them.
 */
export class Stall {
  readonly #cell: Int32Array
  readonly #endAfter: number
  #beat = 0
  #looks = 0

  /** @param endAfter milliseconds after which a stall has lasted too long */
  constructor(cell: Int32Array, endAfter: number) {
    this.#cell = cell
    this.#endAfter = endAfter
  }

  /** Milliseconds that it has lasted. */
  get milliseconds(): number {
    return this.#looks * lookEvery
  }

  look(): Step {
    const beat = Atomics.load(this.#cell, place.beat)
    if (beat !== this.#beat) {
      this.#beat = beat
      this.#looks = 0
      return undefined
    }
    this.#looks += 1
    if (this.milliseconds >= this.#endAfter) return 'end'
    const isJustReached = this.milliseconds - lookEvery < nameAfter
    return this.milliseconds >= nameAfter && isJustReached ? 'name' : undefined
  }
}
