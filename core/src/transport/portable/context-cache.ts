import type { ClientTls } from '../transport.ts'

/** A context costs a fraction of a millisecond, with the system's CAs several; so many are kept. */
const capacity = 256

/** Contexts by what they are made of: equal options share one. */
export class ContextCache<Context> {
  readonly #make: (options: ClientTls) => Context
  readonly #byOptions = new WeakMap<ClientTls, { readonly context: Context }>()
  readonly #byContent = new Map<string, { readonly context: Context }>()

  /** @param make - what it throws is not remembered */
  constructor(make: (options: ClientTls) => Context) {
    this.#make = make
  }

  for(options: ClientTls): Context {
    const known = this.#byOptions.get(options) ?? this.#sharedBy(options)
    this.#byOptions.set(options, known)
    return known.context
  }

  #sharedBy(options: ClientTls): { readonly context: Context } {
    const { ca, certificate, verify } = options
    const key = JSON.stringify([verify, ca, certificate?.cert, certificate?.key])
    const known = this.#byContent.get(key) ?? { context: this.#make(options) }
    // Re-inserting makes the map an order of use, so that the first key is the one to drop.
    this.#byContent.delete(key)
    this.#byContent.set(key, known)
    this.#dropOldest()
    return known
  }

  #dropOldest(): void {
    const oldest = this.#byContent.size > capacity ? this.#byContent.keys().next().value : undefined
    if (oldest !== undefined) this.#byContent.delete(oldest)
  }
}
