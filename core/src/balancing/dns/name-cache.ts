import { KnownName, type KnownNameDeps } from './known-name.ts'

/** The names that are known: those that are watched, and so many others, of which the least recently used one goes. */
export class NameCache {
  readonly #deps: KnownNameDeps
  readonly #capacity: number
  readonly #watched = new Map<string, KnownName>()
  readonly #others = new Map<string, KnownName>()

  constructor(deps: KnownNameDeps, capacity: number) {
    this.#deps = deps
    this.#capacity = capacity
  }

  use(host: string): KnownName {
    const watched = this.#watched.get(host)
    if (watched) return watched
    const known = this.#others.get(host) ?? new KnownName(host, this.#deps)
    this.#keep(host, known)
    return known
  }

  watch(host: string, changed: Parameters<KnownName['watch']>[0]): () => void {
    const known = this.use(host)
    this.#others.delete(host)
    this.#watched.set(host, known)
    const stop = known.watch(changed)
    return () => {
      stop()
      if (known.isWatched || this.#watched.get(host) !== known) return
      this.#watched.delete(host)
      this.#keep(host, known)
    }
  }

  /** As the most recently used one. */
  #keep(host: string, known: KnownName): void {
    this.#others.delete(host)
    this.#others.set(host, known)
    const [oldest] = this.#others.keys()
    if (this.#others.size <= this.#capacity || oldest === undefined) return
    this.#others.get(oldest)?.forget()
    this.#others.delete(oldest)
  }
}
