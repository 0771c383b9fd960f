import { definitions, isEntityName } from '../entities/definitions/index.ts'
import { fieldOf, isFields } from '../entities/fields.ts'
import type { Fields } from '../entities/fields.ts'
import type { EntityName } from '../entities/rows.ts'
import type { FaultTree, Place } from './fault-tree.ts'
import { deriveId, naturalKey } from './ids.ts'
import type { Owner } from './ids.ts'
import { keyOf, nestedIn } from './shape.ts'
import type { Nested } from './shape.ts'

/** One entity of a document, wherever it stands. */
export interface Item {
  readonly entity: EntityName
  readonly place: Place
  /** As it was written. */
  readonly written: Fields
  /** Its own fields, and its id. */
  readonly body: Fields
  /** What it is nested in. */
  readonly owner: Owner | undefined
  readonly id: string
}

const formats = ['1.1', '2.1', '3.0']

/** Every entity of a document, parents before what is nested in them. What has no entity's shape is reported. */
export function readDocument(document: Fields, faults: FaultTree): readonly Item[] {
  const items: Item[] = []
  const twins = new Map<string, number>()
  readMeta(document, faults)
  for (const [name, value] of Object.entries(document)) {
    if (name.startsWith('_')) continue
    if (isEntityName(name)) readList({ entity: name, place: [name], owner: undefined }, value)
    else faults.add([name], 'unknown field')
  }
  return items

  function readList(list: List, value: unknown): void {
    if (value === null) return
    if (!Array.isArray(value)) return faults.add(list.place, 'expected an array')
    value.forEach((written: unknown, index) =>
      readItem({ ...list, place: [...list.place, index + 1] }, written),
    )
  }

  function readItem({ entity, place, owner }: List, value: unknown): void {
    const written = isFields(value) ? value : asKey(entity, owner, value)
    if (written === undefined) return faults.add(place, 'expected a record')
    const nested = nestedIn(entity).filter((each) => Object.hasOwn(written, each.entity))
    const own = ownFields(written, nested, place, faults)
    const id = idOf({ entity, owner }, own, twins)
    items.push({ entity, place, written, owner, id, body: { ...own, id: own['id'] ?? id } })
    const known = { id, written: typeof own['id'] === 'string' }
    for (const { entity: child, field } of nested) {
      readList(
        { entity: child, place: [...place, child], owner: { field, ...known } },
        fieldOf(written, child),
      )
    }
  }
}

interface List {
  readonly entity: EntityName
  readonly place: Place
  readonly owner: Owner | undefined
}

function readMeta(document: Fields, faults: FaultTree): void {
  for (const name of Object.keys(document)) {
    if (name.startsWith('_') && !meta.has(name)) faults.add([name], 'unknown field')
  }
  for (const [name, check] of meta) {
    const fault = check(document[name])
    if (fault !== undefined) faults.add([name], fault)
  }
}

const meta = new Map<string, (value: unknown) => string | undefined>([
  ['_format_version', faultOfFormat],
  ['_transform', (value) => unless(value, 'boolean', typeof value === 'boolean')],
  ['_comment', (value) => unless(value, 'string', typeof value === 'string')],
  ['_ignore', (value) => unless(value, 'array', Array.isArray(value))],
])

function faultOfFormat(value: unknown): string | undefined {
  if (value === undefined || value === null) return 'required field missing'
  if (typeof value !== 'string') return 'expected a string'
  return formats.includes(value) ? undefined : `expected one of: ${formats.join(', ')}`
}

function unless(value: unknown, what: string, is: boolean): string | undefined {
  if (value === undefined || value === null || is) return undefined
  return `expected ${what === 'array' ? 'an' : 'a'} ${what}`
}

/** What an entity owns by keys alone may be listed by its keys: the SNIs of a certificate. */
function asKey(entity: EntityName, owner: Owner | undefined, value: unknown): Fields | undefined {
  const key = keyOf(entity)
  const owned = Object.values(definitions).some(({ owned: list }) => list?.entity === entity)
  return owned && owner && key !== undefined && typeof value === 'string'
    ? { [key]: value }
    : undefined
}

/** Without what is nested and without remarks. */
function ownFields(
  written: Fields,
  nested: readonly Nested[],
  place: Place,
  faults: FaultTree,
): Fields {
  const left = new Set<string>(nested.map(({ entity }) => entity))
  for (const name of ['_comment', '_ignore']) {
    if (!Object.hasOwn(written, name)) continue
    left.add(name)
    const fault = meta.get(name)?.(written[name])
    if (fault !== undefined) faults.add([...place, name], fault)
  }
  if (left.size === 0) return written
  return Object.fromEntries(Object.entries(written).filter(([name]) => !left.has(name)))
}

/**
 * The written id or a derived one. Where Kong takes a random one, the fields themselves are the key, so that the same
 * document leads to the same rows.
 */
function idOf(
  { entity, owner }: Pick<List, 'entity' | 'owner'>,
  body: Fields,
  twins: Map<string, number>,
): string {
  const { id } = body
  if (typeof id === 'string') return id.toLowerCase()
  const natural = naturalKey(entity, body, owner)
  if (natural !== undefined) return deriveId(entity, natural)
  const content = `${entity}:${owner?.id ?? ''}:${JSON.stringify(body)}`
  const count = (twins.get(content) ?? 0) + 1
  twins.set(content, count)
  return deriveId(entity, `${content}:${count}`)
}
