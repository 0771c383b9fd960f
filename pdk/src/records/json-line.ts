import type { Summary } from '../contexts.ts'

/** What rows that never change look like; a row goes, and its text with it. */
const texts = new WeakMap<object, string>()

/**
 * A finished connection as one line of JSON, without its line end: what `JSON.stringify(summary.serialize())` says,
 * with `route` and `service` in front. These are the same objects for every connection and are put into words once,
 * which halves the cost.
 */
export function jsonLine(summary: Pick<Summary, 'serialize'>): string {
  return recordLine(summary.serialize())
}

/** The same of a record that was serialized before. The record is used up. */
export function recordLine(record: Record<string, unknown>): string {
  const rows = wordRow(record, 'route') + wordRow(record, 'service')
  return `{${rows}${JSON.stringify(record).slice(1)}`
}

/** Takes the row out of the record, which belongs to the caller alone. */
function wordRow(record: Record<string, unknown>, name: string): string {
  const row = record[name]
  if (typeof row !== 'object' || row === null) return ''
  record[name] = undefined
  let text = texts.get(row)
  if (text === undefined) texts.set(row, (text = JSON.stringify(row)))
  return `"${name}":${text},`
}
