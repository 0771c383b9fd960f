import { createHash } from 'node:crypto'
import type { Fields } from '../../entities/fields.ts'
import { isFields } from '../../entities/fields.ts'

/** Characters of the hash that are kept: 160 bits are far beyond what two states of a row can share by chance. */
const length = 27

/**
 * The strong entity tag of a row that is served (RFC 9110 section 8.8.3). It depends on the values alone: a row that
 * one node wrote and another one read back has the same, in whatever order its fields stand.
 */
export function etagOf(body: Fields): string {
  const text = JSON.stringify(body, inOrder)
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, length)}"`
}

function inOrder(_name: string, value: unknown): unknown {
  if (!isFields(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
