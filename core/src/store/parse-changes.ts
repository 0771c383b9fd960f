import { isEntityName } from '../entities/definitions/index.ts'
import { isFields } from '../entities/fields.ts'
import type { Change } from '../entities/rows.ts'
import { faultOfStored } from '../entities/stored-row.ts'

/** The changes of a revision as they were stored; undefined when it is not what was stored, as after an edit by hand. */
export function parseChanges(text: unknown): readonly Change[] | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const changes: unknown = JSON.parse(text)
    return isChanges(changes) ? changes : undefined
  } catch {
    return undefined
  }
}

function isChanges(value: unknown): value is readonly Change[] {
  return Array.isArray(value) && value.every(isChange)
}

function isChange(value: unknown): value is Change {
  if (!isFields(value)) return false
  const { op, entity, row, id } = value
  if (typeof entity !== 'string' || !isEntityName(entity)) return false
  if (op === 'delete') return typeof id === 'string'
  return op === 'put' && isFields(row) && faultOfStored(entity, row) === undefined
}
