/** Plain JavaScript, as the thread that looks: see `watchdog-thread.mjs`. */

/** Milliseconds between two looks. */
export const lookEvery = 250
/** Milliseconds after which a stall is worth a line. */
const nameAfter = 1_000

/**
 * Whether the event loop of a process stands still. Time is counted in looks: a process that was stopped as a whole, or
 * got no processor, has had none of them.
 */
export class Stall {
  #beats
  #endAfter
  #beat = 0
  #looks = 0

  /**
   * @param beats reads how often the event loop has turned
   * @param endAfter milliseconds after which a stall has lasted too long
   */
  constructor(beats, endAfter) {
    this.#beats = beats
    this.#endAfter = endAfter
  }

  /** Milliseconds that it has lasted. */
  get milliseconds() {
    return this.#looks * lookEvery
  }

  look() {
    const beat = this.#beats()
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
