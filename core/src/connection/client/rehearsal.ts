/** What a plugin may do with a client before its bytes flow. */
export interface Conversation {
  /** Whether a plugin wants the client to begin TLS. */
  startsTls: boolean
  peek(atLeast: number): Promise<Uint8Array>
  take(count: number): Promise<Uint8Array>
  say(bytes: Uint8Array): Promise<void>
}

const nothing = new Uint8Array()

/**
 * What a plugin in shadow mode takes from a client stays with it, and what it says to it is heard by nobody. The client
 * will not answer what it was never told: once the plugin has spoken, it sees what is there already, as if the client
 * had ended its side.
 */
export class Rehearsal implements Conversation {
  readonly plugin: string
  startsTls = false
  readonly #peek: Conversation['peek']
  /** The most bytes that can be looked at. */
  readonly #limit: number
  #taken = 0
  #hasSpoken = false

  constructor(plugin: string, peek: Conversation['peek'], limit: number) {
    this.plugin = plugin
    this.#peek = peek
    this.#limit = limit
  }

  async peek(atLeast: number): Promise<Uint8Array> {
    const wanted = this.#hasSpoken ? this.#taken : this.#taken + atLeast
    if (this.#hasSpoken && wanted === 0) return nothing
    // A number of bytes that is none is refused by the look itself.
    const bytes = await this.#peek(atLeast > this.#limit ? atLeast : Math.min(wanted, this.#limit))
    return bytes.subarray(this.#taken)
  }

  async take(count: number): Promise<Uint8Array> {
    const taken = (await this.peek(count)).subarray(0, count)
    this.#taken += taken.length
    return taken
  }

  say(bytes: Uint8Array): Promise<void> {
    this.#hasSpoken ||= bytes.length > 0
    return Promise.resolve()
  }
}
