import { faultOfStored } from '../entities/stored-row.ts'
import type { Row } from '../entities/rows.ts'
import type { SqlRow, SqlValue } from './sql.ts'
import { StoreError } from './store.ts'
import type { Column, Table } from './tables.ts'

/** The values of a row in the order of the table's columns, then its body. */
export function encode(table: Table, row: Row): readonly SqlValue[] {
  const fields = new Map<string, unknown>(Object.entries(row))
  const values = table.columns.map((column) => {
    const value = encodeColumn(column, fields.get(column.field))
    fields.delete(column.field)
    return value
  })
  return [...values, JSON.stringify(Object.fromEntries(fields))]
}

function encodeColumn(column: Column, value: unknown): SqlValue {
  const plain = storable(column, value)
  if (typeof plain === 'string' || typeof plain === 'number' || plain === null) return plain
  throw new TypeError(`${column.field} cannot be stored: it is of type ${typeof plain}`)
}

function storable({ kind }: Column, value: unknown): unknown {
  if (kind === 'reference') return idOf(value)
  return kind === 'milliseconds' && typeof value === 'number' ? Math.round(value * 1000) : value
}

function idOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'id' in value ? value.id : value
}

/**
 * The fields of a stored record.
 * @throws StoreError `corrupt`, naming the table and the id
 */
export function decode(table: Table, record: SqlRow): Readonly<Record<string, unknown>> {
  const fields = table.columns.map((column): [string, unknown] => {
    const value = record[column.column]
    if (!fits(column, value)) throw damaged(table, record, `${column.column} is not usable`)
    return [column.field, restored(column, value)]
  })
  // Not an assignment per key: a stored "__proto__" must stay a plain field.
  const row = Object.fromEntries([...fields, ...Object.entries(parseBody(table, record))])
  const fault = faultOfStored(table.name, row)
  if (fault !== undefined) throw damaged(table, record, fault)
  return row
}

function fits({ kind, nullable }: Column, value: unknown): boolean {
  if (value === null) return nullable
  return typeof value === (kind === 'time' || kind === 'milliseconds' ? 'number' : 'string')
}

function restored({ kind }: Column, value: unknown): unknown {
  if (kind === 'reference' && value !== null) return { id: value }
  return kind === 'milliseconds' && typeof value === 'number' ? value / 1000 : value
}

function parseBody(table: Table, record: SqlRow): object {
  const text = record['body']
  let body: unknown
  try {
    body = typeof text === 'string' ? JSON.parse(text) : undefined
  } catch (error) {
    throw damaged(table, record, 'its body is not valid JSON', error)
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw damaged(table, record, 'its body is not a JSON object')
  }
  return body
}

function damaged(table: Table, record: SqlRow, why: string, cause?: unknown): StoreError {
  const id = String(record['id'])
  return new StoreError('corrupt', `the stored row ${table.name} ${id} is damaged: ${why}`, {
    cause,
  })
}
