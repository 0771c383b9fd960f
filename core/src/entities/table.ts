import type { Definition, UniqueKey } from './definition.ts'
import { fieldOf, referredId, stringsIn } from './fields.ts'
import type { Row } from './rows.ts'
import { SortedIds } from './sorted-ids.ts'

const nobody = new SortedIds()

/** The rows of one entity with every index that its definition asks for. */
export class Table {
  readonly ids = new SortedIds()
  readonly #definition: Definition
  readonly #rows = new Map<string, Row>()
  readonly #holders: readonly (readonly [UniqueKey, Map<string, string>])[]
  readonly #children: ReadonlyMap<string, Map<string, SortedIds>>

  constructor(definition: Definition) {
    this.#definition = definition
    this.#holders = definition.unique.map((key) => [key, new Map<string, string>()])
    const fields = Object.keys(definition.references)
    this.#children = new Map(fields.map((field) => [field, new Map<string, SortedIds>()]))
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id)
  }

  /** Adds or replaces; answers with what was there before. */
  put(row: Row): Row | undefined {
    const before = this.delete(row.id)
    this.#rows.set(row.id, row)
    this.ids.add(row.id)
    for (const [key, holders] of this.#holders) {
      const value = uniqueValue(key, row)
      if (value !== undefined) holders.set(value, row.id)
    }
    for (const [field, parents] of this.#children) {
      for (const parent of this.#parents(field, row)) addTo(parents, parent, row.id)
    }
    return before
  }

  /** Answers with what was there. */
  delete(id: string): Row | undefined {
    const row = this.#rows.get(id)
    if (row === undefined) return undefined
    this.#rows.delete(id)
    this.ids.delete(id)
    for (const [key, holders] of this.#holders) {
      const value = uniqueValue(key, row)
      if (value !== undefined && holders.get(value) === id) holders.delete(value)
    }
    for (const [field, parents] of this.#children) {
      for (const parent of this.#parents(field, row)) removeFrom(parents, parent, id)
    }
    return row
  }

  /** Who has the values that this row would have under a unique key. */
  holder(key: UniqueKey, row: object): Row | undefined {
    const value = uniqueValue(key, row)
    const holders = this.#holders.find(([known]) => known === key)?.[1]
    const id = value === undefined ? undefined : holders?.get(value)
    return id === undefined ? undefined : this.#rows.get(id)
  }

  /** The row with this value in its endpoint key. */
  named(name: string): Row | undefined {
    const { key } = this.#definition
    const unique = this.#definition.unique.find(
      ({ fields: [first, ...more] }) => first === key && more.length === 0,
    )
    return key === undefined || unique === undefined
      ? undefined
      : this.holder(unique, { [key]: name })
  }

  /** The ids of the rows whose reference `field` names `parent`. */
  children(field: string, parent: string): SortedIds {
    return this.#children.get(field)?.get(parent) ?? nobody
  }

  #parents(field: string, row: Row): readonly string[] {
    if (this.#definition.references[field]?.many) return stringsIn(fieldOf(row, field))
    return stringsIn([referredId(row, field)])
  }
}

function addTo(parents: Map<string, SortedIds>, parent: string, id: string): void {
  const ids = parents.get(parent) ?? new SortedIds()
  ids.add(id)
  parents.set(parent, ids)
}

function removeFrom(parents: Map<string, SortedIds>, parent: string, id: string): void {
  const ids = parents.get(parent)
  ids?.delete(id)
  if (ids?.size === 0) parents.delete(parent)
}

/** The values of a unique key as one text; undefined when a null exempts the row. */
function uniqueValue({ fields, nulls }: UniqueKey, row: object): string | undefined {
  const values = fields.map((field) => referredId(row, field) ?? fieldOf(row, field) ?? null)
  return nulls === 'distinct' && values.includes(null) ? undefined : JSON.stringify(values)
}
