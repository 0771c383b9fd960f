import type { TargetRow } from '../entities/rows.ts'
import { readTargetAddress } from '../entities/target-address.ts'
import type { Answer, Names, Watch } from './names.ts'
import { placesOf, type Place } from './places.ts'

/** The weight and the port of a target that says neither. */
const [defaultWeight, defaultPort] = [100, 8000]

/** A target of a pool, whose name is kept resolved. */
export class Member {
  readonly #names: Names
  readonly #changed: () => void
  #row: TargetRow
  #host: string
  #watch: Watch
  #answer: Answer | undefined
  #places: { readonly useSrvName: boolean; readonly places: readonly Place[] } | undefined

  /** @param changed called when its name leads elsewhere; not while this is being made */
  constructor(row: TargetRow, names: Names, changed: () => void) {
    this.#row = row
    this.#names = names
    this.#changed = () => undefined
    this.#host = hostOf(row)
    this.#watch = this.#look()
    this.#changed = changed
  }

  /** Whether its name has been resolved, be it to nothing. */
  get known(): boolean {
    return this.#answer !== undefined
  }

  configure(row: TargetRow): void {
    this.#row = row
    this.#places = undefined
    if (hostOf(row) === this.#host) return
    this.#watch.close()
    this.#host = hostOf(row)
    this.#answer = undefined
    this.#watch = this.#look()
  }

  close(): void {
    this.#watch.close()
  }

  places(useSrvName: boolean): readonly Place[] {
    if (this.#places?.useSrvName !== useSrvName) {
      this.#places = { useSrvName, places: this.#place(useSrvName) }
    }
    return this.#places.places
  }

  #place(useSrvName: boolean): readonly Place[] {
    if (!this.#answer) return []
    const { target, weight } = this.#row
    const { port = defaultPort } = readTargetAddress(target) ?? {}
    const sought = { host: this.#host, port, weight: weight ?? defaultWeight, useSrvName }
    return placesOf({ ...sought, target: this.#row }, this.#answer)
  }

  #look(): Watch {
    const host = this.#host
    return this.#names.watch(host, (answer) => {
      if (host !== this.#host) return
      this.#answer = answer
      this.#places = undefined
      this.#changed()
    })
  }
}

function hostOf({ target }: TargetRow): string {
  return readTargetAddress(target)?.host ?? target
}
