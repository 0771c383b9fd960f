import { TransportError, type Side } from '../transport/transport.ts'

/** The client's first bytes, as plugins may look at them: in the phase preread, within the buffer and the deadline. */
export class FirstBytes {
  readonly #side: Side
  readonly #limit: number
  /** `performance.now()` milliseconds by which the client must have said what it is asked for. */
  deadline: number
  /** Why a look failed: the connection ends with it, also when the plugin has caught it and would go on. */
  failure: TransportError | undefined
  /** How many bytes were shown. */
  seen = 0
  #open = false
  #last: Promise<unknown> | undefined
  #over: AbortController | undefined

  constructor(side: Side, limit: number, deadline: number) {
    this.#side = side
    this.#limit = limit
    this.deadline = deadline
  }

  /** The route is known and its plugins may look. */
  open(): void {
    this.#open = true
  }

  /** From here on the bytes are on their way: a look that nobody has waited for is given up. */
  close(): void {
    this.#open = false
    this.#over?.abort()
    this.#over = undefined
  }

  /** @throws when the client resets, or at the deadline */
  async peek(atLeast: number): Promise<Uint8Array> {
    this.#assertOpen()
    if (!Number.isInteger(atLeast) || atLeast < 1 || atLeast > this.#limit) {
      throw new RangeError(`peek(n) takes 1 to ${this.#limit} bytes, not ${atLeast}`)
    }
    const looking = this.#lookAfter(this.#last, atLeast)
    this.#last = looking
    return looking
  }

  /** The transport takes one peek at a time; a plugin may well ask for two at once. */
  async #lookAfter(before: Promise<unknown> | undefined, atLeast: number): Promise<Uint8Array> {
    // How the look before ended is the business of whoever asked for it.
    if (before) await Promise.allSettled([before])
    this.#assertOpen()
    this.#over ??= new AbortController()
    const patience = { deadline: this.deadline, signal: this.#over.signal }
    try {
      // A copy: whoever looks must not be able to change what the upstream will read.
      const bytes = new Uint8Array((await this.#side.peek(atLeast, patience)).bytes)
      this.seen = bytes.length
      return bytes
    } catch (error) {
      if (error instanceof TransportError && error.failure !== 'cancelled') this.failure ??= error
      throw error
    }
  }

  #assertOpen(): void {
    if (!this.#open) throw new Error('peek(n) belongs to the phase preread')
  }
}
