import { entityKey } from '@kong-ts/pdk/host'
import type { FieldErrors } from '../errors/entity-error.ts'
import { fieldOf, isFields, isUuid } from '../entities/fields.ts'
import type { Fields } from '../entities/fields.ts'
import type { FlattenedError } from './declarative-error.ts'
import type { Flaw } from './draft-rows.ts'
import type { Item } from './read-document.ts'
import { linksOf, nestedIn } from './shape.ts'

type Line = FlattenedError['errors'][number]

/** The flaws entity by entity, each with the entity as it was written, without what is nested in it. */
export function flattenErrors(flaws: readonly Flaw[]): readonly FlattenedError[] {
  const ofItem = Map.groupBy(flaws, ({ item }) => item)
  return [...ofItem].flatMap(([item, own]) => flattenItem(item, own))
}

function flattenItem(item: Item, flaws: readonly Flaw[]): readonly FlattenedError[] {
  // An entity whose fields are wrong has no id yet in Kong; one that has a twin is found by it.
  const id = flaws.some(({ kind }) => kind !== 'fields') ? item.id : undefined
  const entity = entityOf(item, id)
  const inner = flaws.flatMap(({ errors }) => flattenInner(item, errors))
  const lines = flaws.flatMap(({ errors }) => linesOf(outerErrors(item, errors), ''))
  if (lines.length === 0) return inner
  return [...inner, { ...labels(item.entity, entity), entity, errors: lines }]
}

/** A reference that was written as an entity of its own has errors of its own. */
function flattenInner({ entity, written }: Item, errors: FieldErrors): readonly FlattenedError[] {
  return linksOf(entity).flatMap(({ field, to }) => {
    const [value, error] = [fieldOf(written, field), errors[field]]
    if (!isFields(value) || !isTable(error)) return []
    return [{ ...labels(to, value), entity: value, errors: linesOf(error, '') }]
  })
}

function outerErrors({ entity, written }: Item, errors: FieldErrors): FieldErrors {
  const inner = linksOf(entity).filter(({ field }) => isFields(fieldOf(written, field)))
  const names = new Set(inner.map(({ field }) => field))
  return Object.fromEntries(
    Object.entries(errors).filter(([name, error]) => !names.has(name) || !isTable(error)),
  )
}

function entityOf({ entity, written, owner }: Item, id: string | undefined): Fields {
  const left = new Set<string>(nestedIn(entity).map((each) => each.entity))
  const own = Object.entries(written).filter(
    ([name, value]) => !left.has(name) || !Array.isArray(value),
  )
  const given = owner !== undefined && owner.written && fieldOf(written, owner.field) === undefined
  return {
    ...Object.fromEntries(own),
    ...(id !== undefined && { id }),
    ...(given && { [owner.field]: { id: owner.id } }),
  }
}

function labels(entity: string, { id, name, tags }: Fields) {
  return {
    entity_type: entity.replace(/s$/, ''),
    ...(typeof id === 'string' && isUuid(id) && { entity_id: id }),
    ...(typeof name === 'string' && name !== '' && { entity_name: name }),
    ...(isTexts(tags) && { entity_tags: tags }),
  }
}

function linesOf(errors: FieldErrors, path: string): readonly Line[] {
  return Object.entries(errors).flatMap(([name, error]) => {
    if (name === entityKey) return messagesIn(error).map(entityLine)
    const field = path === '' ? name : `${path}.${name}`
    if (isTable(error)) return linesOf(error, field)
    return messagesIn(error).map((message): Line => ({ type: 'field', field, message }))
  })
}

function entityLine(message: string): Line {
  return { type: 'entity', message }
}

function messagesIn(error: FieldErrors[string]): readonly string[] {
  if (typeof error === 'string') return [error]
  return Array.isArray(error) ? error : []
}

function isTable(error: FieldErrors[string] | undefined): error is FieldErrors {
  return typeof error === 'object' && !Array.isArray(error)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
