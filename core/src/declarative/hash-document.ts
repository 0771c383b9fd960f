import { createHash } from 'node:crypto'

/** Of a configuration that nobody has given yet. */
export const emptyHash = '0'.repeat(32)

/**
 * MD5 in hex, as Kong tells configurations apart: of a text as it came, of an object as JSON with sorted keys. It is
 * no protection: who may write the configuration needs no collision.
 */
export function hashDocument(document: unknown): string {
  const text = typeof document === 'string' ? document : JSON.stringify(sorted(document))
  return createHash('md5').update(text).digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item)]))
}
