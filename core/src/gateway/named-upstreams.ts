import type { Upstream } from '../entities/rows.ts'
import type { RowChange } from './changes.ts'

/** The upstreams by their names, which may change. */
export class NamedUpstreams {
  readonly #names = new Map<string, string>()
  readonly #rows = new Map<string, Upstream>()

  find(name: string): Upstream | undefined {
    return this.#rows.get(name)
  }

  apply(change: RowChange<Upstream>): void {
    const id = change.op === 'put' ? change.row.id : change.id
    const before = this.#names.get(id)
    // Another one may have taken the name meanwhile.
    if (before !== undefined && this.#rows.get(before)?.id === id) this.#rows.delete(before)
    this.#names.delete(id)
    if (change.op === 'delete') return
    this.#names.set(id, change.row.name)
    this.#rows.set(change.row.name, change.row)
  }
}
