import type { FieldErrors } from '../errors/entity-error.ts'
import { definitions } from '../entities/definitions/index.ts'
import { fieldOf, isFields } from '../entities/fields.ts'
import type { Fields } from '../entities/fields.ts'
import { readValue, reportInto } from '../entities/read-value.ts'
import type { EntityName } from '../entities/rows.ts'
import type { Item } from './read-document.ts'
import { keyOf, linksOf } from './shape.ts'
import type { Link } from './shape.ts'

/** The entities of a document, by what others may call them. */
export class Names {
  readonly #ids = new Map<EntityName, Set<string>>()
  readonly #keys = new Map<EntityName, Map<string, string>>()

  constructor(items: readonly Item[]) {
    for (const { entity, id, body } of items) {
      inMap(this.#ids, entity, () => new Set<string>()).add(id)
      const key = keyOf(entity)
      const name = key === undefined ? undefined : fieldOf(body, key)
      if (typeof name !== 'string') continue
      const keys = inMap(this.#keys, entity, () => new Map<string, string>())
      if (!keys.has(name)) keys.set(name, id)
    }
  }

  /** The id of an entity of the document, by its key or its id. */
  find(entity: EntityName, text: string): string | undefined {
    const id = text.toLowerCase()
    return this.#keys.get(entity)?.get(text) ?? (this.#ids.get(entity)?.has(id) ? id : undefined)
  }
}

function inMap<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make()
  map.set(key, value)
  return value
}

export interface Linked {
  /** The fields with every reference by id. */
  readonly body: Fields
  /** What the references name. */
  readonly referred: readonly string[]
  /** References to nothing in the document, in Kong's words, by their fields. */
  readonly missing: readonly (readonly [field: string, message: string])[]
  /** References that are none. */
  readonly faults: FieldErrors
}

/** Writes the references of an entity by id: it may name what it refers to by key, by id or by `{ id }`. */
export function link(item: Item, names: Names): Linked {
  const { entity, body, owner } = item
  const links = linksOf(entity).map((each) => resolve(each, item, names))
  const ids = links.flatMap(({ field, id }) => (id === undefined ? [] : [[field, { id }]]))
  const lost = links.filter(({ found }) => found !== undefined)
  const wrong = lost.flatMap(({ field, found }) => {
    const fault = owner ? 'value must be null' : found?.faults
    return fault === undefined ? [] : [[field, fault]]
  })
  const faults: FieldErrors = Object.fromEntries(wrong)
  return {
    body: { ...body, ...Object.fromEntries(ids) },
    referred: links.flatMap(({ id }) => id ?? []),
    missing: lost.flatMap(({ field, to }) =>
      Object.hasOwn(faults, field) ? [] : [[field, messageOf(field, to, fieldOf(body, field))]],
    ),
    faults,
  }
}

interface Resolved extends Link {
  /** What the row is checked with; nothing where nothing is referred to. */
  readonly id: string | undefined
  /** Why it names nothing. */
  readonly found: NotFound | undefined
}

function resolve(wanted: Link, { body, owner }: Item, names: Names): Resolved {
  const value = fieldOf(body, wanted.field) ?? null
  const found = value === null ? undefined : find(wanted, value, names)
  const named = typeof found === 'string' ? found : found && nobody
  return {
    ...wanted,
    id: owner?.field === wanted.field ? owner.id : named,
    found: typeof found === 'string' ? undefined : found,
  }
}

/** The rest of a row is checked as if what it refers to were there. */
const nobody = '00000000-0000-4000-8000-000000000000'

interface NotFound {
  /** What is wrong with it as an entity, when it is written as one. */
  readonly faults?: FieldErrors
}

function find({ to }: Link, value: unknown, names: Names): string | NotFound {
  if (typeof value === 'string') return names.find(to, value) ?? {}
  if (!isFields(value)) return {}
  const { key = 'id' } = definitions[to]
  const name = fieldOf(value, 'id') ?? fieldOf(value, key)
  if (typeof name === 'string') return names.find(to, name) ?? {}
  return { faults: faultsOf(to, value) }
}

/** Kong reads a record without an id as an entity of its own. */
function faultsOf(entity: EntityName, value: Fields): FieldErrors {
  const errors: FieldErrors = {}
  const { properties } = definitions[entity].schema
  const report = reportInto(errors)
  for (const [name, item] of Object.entries(value)) {
    const field = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (field === undefined) report([name], 'unknown field')
    else if (item !== null) readValue(field, item, [name], report)
  }
  return Object.keys(errors).length > 0 ? errors : { id: 'missing primary key' }
}

function messageOf(field: string, to: EntityName, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return `invalid reference '${field}: ${text}' (no such entry in '${to}')`
}
