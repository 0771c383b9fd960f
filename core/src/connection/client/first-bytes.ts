import { TransportError, type Bytes, type Inbound } from '../../transport/transport.ts'
import { Rehearsal, type Conversation } from './rehearsal.ts'

/** How much plugins may take from a client, and how much they may say to it, before its bytes flow. */
const mostEarly = 65_536

type EarlySide = Pick<Inbound, 'peek' | 'skip' | 'say'>

/** What was said to a client, and taken from it, before its bytes flowed. */
export interface Early {
  readonly said: number
  readonly taken: number
}

/**
 * The client's first bytes, as plugins may look at them, take them and answer them: in the phase preread, within the
 * buffer and the deadline.
 */
export class FirstBytes implements Conversation {
  readonly #side: EarlySide
  readonly #limit: number
  /** `performance.now()` milliseconds by which the client must have said what it is asked for. */
  deadline: number
  /** Why a look failed: the connection ends with it, also when the plugin has caught it and would go on. */
  failure: TransportError | undefined
  startsTls = false
  said = 0
  taken = 0
  #open = false
  #last: Promise<unknown> | undefined
  #saying: Promise<unknown> | undefined
  #over: AbortController | undefined
  #rehearsal: Rehearsal | undefined

  constructor(side: EarlySide, limit: number, deadline: number) {
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

  /** The same for a plugin in shadow mode: without any effect. */
  rehearsedBy(plugin: string): Conversation {
    if (this.#rehearsal?.plugin === plugin) return this.#rehearsal
    const peek = (atLeast: number) => this.#peekInVain(atLeast)
    return (this.#rehearsal = new Rehearsal(plugin, peek, this.#limit))
  }

  /** Resolves when what was said has left: nothing may overtake it. Undefined: there is nothing to wait for. */
  get saying(): Promise<unknown> | undefined {
    return this.#saying
  }

  /** @throws when the client resets, or at the deadline */
  async peek(atLeast: number): Promise<Uint8Array> {
    this.#assertOpen('peek(n)')
    if (!Number.isInteger(atLeast) || atLeast < 1 || atLeast > this.#limit) {
      throw new RangeError(`peek(n) takes 1 to ${this.#limit} bytes, not ${atLeast}`)
    }
    return this.#inTurn(() => this.#look(atLeast, 'peek(n)'))
  }

  /** @throws as `peek` */
  async take(count: number): Promise<Uint8Array> {
    this.#assertOpen('take(n)')
    if (!Number.isInteger(count) || count < 1 || count > this.#limit) {
      throw new RangeError(`take(n) takes 1 to ${this.#limit} bytes, not ${count}`)
    }
    return this.#inTurn(async () => {
      const seen = await this.#look(count, 'take(n)')
      const taken = seen.subarray(0, count)
      if (this.taken + taken.length > mostEarly) {
        throw new RangeError(`take(n) takes ${mostEarly} bytes of a connection at most`)
      }
      this.#side.skip(taken.length)
      this.taken += taken.length
      return taken
    })
  }

  /** @throws when the client resets, or does not read until the deadline */
  async say(bytes: Uint8Array): Promise<void> {
    this.#assertOpen('say(bytes)')
    if (this.said + bytes.length > mostEarly) {
      throw new RangeError(`say(bytes) says ${mostEarly} bytes to a connection at most`)
    }
    if (bytes.length === 0) return
    this.said += bytes.length
    const saying = this.#sayAfter(this.#saying, bytes)
    const settled = Promise.allSettled([saying]).then(() => {
      if (this.#saying === settled) this.#saying = undefined
    })
    this.#saying = settled
    return saying
  }

  /** As `peek`, but that nobody's connection ends because it was waited for in vain; nothing is seen then. */
  async #peekInVain(atLeast: number): Promise<Uint8Array> {
    try {
      return await this.peek(atLeast)
    } catch (error) {
      if (!(error instanceof TransportError) || error.failure !== 'timeout') throw error
      if (this.failure === error) this.failure = undefined
      return new Uint8Array()
    }
  }

  /** The transport takes one peek at a time; a plugin may well ask for two at once. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const before = this.#last
    // How the look before ended is the business of whoever asked for it.
    const running = before ? Promise.allSettled([before]).then(run) : run()
    this.#last = running
    return running
  }

  async #look(atLeast: number, what: string): Promise<Uint8Array> {
    this.#assertOpen(what)
    this.#over ??= new AbortController()
    const patience = { deadline: this.deadline, signal: this.#over.signal }
    // A copy: whoever looks must not be able to change what the upstream will read.
    return this.#guard(async () => new Uint8Array((await this.#side.peek(atLeast, patience)).bytes))
  }

  async #sayAfter(before: Promise<unknown> | undefined, bytes: Uint8Array): Promise<void> {
    if (before) await before
    return this.#guard(() => this.#side.say(bytes, this.deadline))
  }

  async #guard<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      if (error instanceof TransportError && error.failure !== 'cancelled') this.failure ??= error
      throw error
    }
  }

  #assertOpen(what: string): void {
    if (!this.#open) throw new Error(`${what} belongs to the phase preread`)
  }
}

/** What plugins said and took counts on the client's side, and never came to the upstream. */
export function withEarly(early: Early | undefined, bytes: Bytes): Bytes {
  if (!early) return bytes
  const { clientReceived, clientSent, upstreamReceived, upstreamSent } = bytes
  return {
    clientReceived: clientReceived + early.taken,
    clientSent: clientSent + early.said,
    upstreamReceived,
    upstreamSent,
  }
}
