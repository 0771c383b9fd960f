import type { Schema } from '@kong-ts/pdk'
import { isDeepStrictEqual } from 'node:util'
import type { PlanContext } from './context.ts'
import { definitions } from './definitions/index.ts'
import { fieldOf, isFields } from './fields.ts'
import type { Fields } from './fields.ts'
import type { RowChange } from './fold-changes.ts'
import type { EntityName, Row } from './rows.ts'

/** What became of a row, fit to be shown: only the fields that are another, and no secret. */
export interface DescribedChange {
  readonly op: 'create' | 'update' | 'delete'
  readonly entity: EntityName
  readonly id: string
  /** What it is called by beside its id. */
  readonly name: string | null
  /** Null where there was no such row. */
  readonly before: Fields | null
  readonly after: Fields | null
}

/** That there is something, as the settings show theirs. */
const masked = '******'

/** Plugins whose schemas do not say what is secret have these words for it. */
const secretName = /passw|passphrase|secret|token|credential|private_?key|api_?key/i

export function describeChange(change: RowChange, context: PlanContext): DescribedChange {
  const { entity, id, before, after } = change
  const name = nameOf(entity, after ?? before)
  const shown = (row: Row | undefined) => (row ? mask(entity, row, context) : null)
  const whole = { entity, id, name }
  if (!before) return { op: 'create', ...whole, before: null, after: shown(after) }
  if (!after) return { op: 'delete', ...whole, before: shown(before), after: null }
  const [old, now] = difference({ ...before }, { ...after })
  return {
    op: 'update',
    ...whole,
    before: mask(entity, old, context, before),
    after: mask(entity, now, context, after),
  }
}

function nameOf(entity: EntityName, row: Row | undefined): string | null {
  if (!row) return null
  const named = [definitions[entity].key ?? 'name', 'name'].map((field) => fieldOf(row, field))
  return named.find((name) => typeof name === 'string') ?? null
}

/** What is only in one of two, or another in the other; records are gone into. */
function difference(before: Fields, after: Fields): readonly [Fields, Fields] {
  const old = new Map<string, unknown>()
  const now = new Map<string, unknown>()
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = fieldOf(before, name)
    const is = fieldOf(after, name)
    if (isDeepStrictEqual(was, is)) continue
    const [one, other] = isFields(was) && isFields(is) ? difference(was, is) : [was, is]
    if (one !== undefined) old.set(name, one)
    if (other !== undefined) now.set(name, other)
  }
  return [Object.fromEntries(old), Object.fromEntries(now)]
}

/** @param whole the row that the fields are of */
function mask(entity: EntityName, fields: object, context: PlanContext, whole = fields): Fields {
  const { attributes, kinds, schema } = definitions[entity]
  const kind = kinds && new Map(Object.entries(kinds(context))).get(String(fieldOf(whole, 'name')))
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]: [string, unknown]) => {
      if (attributes?.[name]?.['encrypted'] === true) return [name, hide(value)]
      // Nobody knows what is secret of a plugin that is not loaded.
      if (kinds && name === 'config') return [name, kind ? show(kind, value, name) : hide(value)]
      return [name, show(schema.properties[name], value, name)]
    }),
  )
}

function show(schema: Schema | undefined, value: unknown, name: string): unknown {
  if (isSecret(schema, value, name)) return hide(value)
  if (Array.isArray(value)) return value.map((item) => show(schema?.items, item, ''))
  if (!isFields(value)) return value
  const rest = schema?.additionalProperties
  const other = typeof rest === 'object' ? rest : undefined
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      show(inSchema(schema, key) ?? other, item, key),
    ]),
  )
}

/** What a name alone makes a secret is a text: a number of tokens is none. */
function isSecret(schema: Schema | undefined, value: unknown, name: string): boolean {
  return schema?.writeOnly === true || (typeof value === 'string' && secretName.test(name))
}

function inSchema(schema: Schema | undefined, key: string): Schema | undefined {
  const { properties = {} } = schema ?? {}
  return Object.hasOwn(properties, key) ? properties[key] : undefined
}

/** Null and empty hide nothing, and say that there is no secret. */
function hide(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hide)
  if (!isFields(value)) return value === null || value === undefined ? value : masked
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hide(item)]))
}
