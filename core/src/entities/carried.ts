import { isDeepStrictEqual } from 'node:util'
import { definitions } from './definitions/index.ts'
import { fieldOf } from './fields.ts'
import type { Fields } from './fields.ts'
import type { EntityName, Row } from './rows.ts'

/** A row with what it carries from `before`, whatever it carries itself. */
export function carryOver<R extends Row>(entity: EntityName, before: Row | undefined, row: R): R {
  const next = { ...row }
  for (const name of definitions[entity].carried ?? []) {
    const kept = before && fieldOf(before, name)
    if (kept === undefined) Reflect.deleteProperty(next, name)
    else Reflect.set(next, name, kept)
  }
  return next
}

/** The fields that can be written, and are served. */
export function withoutCarried(entity: EntityName, row: Row): Fields {
  const { carried = [] } = definitions[entity]
  return Object.fromEntries(Object.entries(row).filter(([name]) => !carried.includes(name)))
}

/** Whether two rows are the same to a client. */
export function sameWritten(
  entity: EntityName,
  one: Row | undefined,
  other: Row | undefined,
): boolean {
  if (one === undefined || other === undefined) return one === other
  return isDeepStrictEqual(withoutCarried(entity, one), withoutCarried(entity, other))
}
