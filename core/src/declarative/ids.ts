import { createHash } from 'node:crypto'
import { definitions } from '../entities/definitions/index.ts'
import { fieldOf } from '../entities/fields.ts'
import type { Fields } from '../entities/fields.ts'
import type { EntityName } from '../entities/rows.ts'

/** The namespace that Kong derives every id from; below it one for each entity. */
const root = 'fd02801f-0957-4a15-a55a-c8d9606f30b5'

/** Where more than the endpoint key tells rows apart, Kong makes the id of these fields, in this order. */
const cacheKeys: Readonly<Partial<Record<EntityName, readonly string[]>>> = {
  plugins: ['name', 'route', 'service', 'consumer'],
  targets: ['upstream', 'target'],
  keys: ['kid', 'set'],
  vaults: ['prefix'],
}

/** What an entity is nested in. */
export interface Owner {
  readonly field: string
  readonly id: string
  /** Whether the id was written, and not derived. */
  readonly written: boolean
}

const namespaces = new Map<EntityName, string>()

/** The id of a row that has none: the same for the same natural key on every node and at every load, as Kong's is. */
export function deriveId(entity: EntityName, name: string): string {
  const namespace = namespaces.get(entity) ?? uuidOf(root, entity)
  namespaces.set(entity, namespace)
  return uuidOf(namespace, name)
}

/** What Kong derives the id of a row from; undefined where Kong takes a random one. */
export function naturalKey(
  entity: EntityName,
  body: Fields,
  owner: Owner | undefined,
): string | undefined {
  const fields = cacheKeys[entity]
  if (fields) return cacheKey(entity, fields, body, owner)
  const { key } = definitions[entity]
  const value = key === undefined ? undefined : fieldOf(body, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** `plugins:*:NAME:ROUTE:SERVICE:CONSUMER`: references as they are written, absent ones empty. */
function cacheKey(
  entity: EntityName,
  fields: readonly string[],
  body: Fields,
  owner: Owner | undefined,
): string | undefined {
  const { required = [] } = definitions[entity].schema
  const values = fields.map((field) => {
    const value = fieldOf(body, field)
    return value === undefined && field === owner?.field ? owner.id : value
  })
  const lacks = fields.some((field, at) => values[at] === undefined && required.includes(field))
  return lacks ? undefined : [entity, '*', ...values.flatMap(partOf)].join(':')
}

function partOf(value: unknown): readonly string[] {
  if (value === undefined) return ['']
  if (value === null) return []
  // Kong leaves out references by `{ id }`, and takes two of them for one.
  return [typeof value === 'string' ? value : JSON.stringify(value)]
}

/** A UUID of version 5 (RFC 9562 section 5.5). */
function uuidOf(namespace: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}
