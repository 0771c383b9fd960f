/** Where a field stands in a record: the keys on the way to it. */
export type FieldPath = readonly [string, ...string[]]

/** A name has to find room in a log, and a record made of objects in objects in a stack. */
const longest = 200
const deepest = 16

/** @returns what is wrong with the name of a field, or nothing */
export function complainOfFieldPath(name: string): string | undefined {
  if (name.length > longest) {
    return `the name ${name.slice(0, 20)}... is longer than ${longest} characters`
  }
  const keys = parseFieldPath(name)
  if (keys.length > deepest) return `the name ${name} leads through more than ${deepest} objects`
  return keys.includes('') ? `the name '${name}' has an empty part` : undefined
}

/** As Kong reads the names of fields: a dot leads into an object, a dot behind a backslash is a dot. */
export function parseFieldPath(name: string): FieldPath {
  const [first = '', ...rest] = name
    .split(/(?<!\\)\./)
    .map((key) => key.replaceAll(String.raw`\.`, '.'))
  return [first, ...rest]
}

/**
 * Sets a field, making the objects on the way; undefined takes it away. The record itself is changed, what it holds is
 * not: rows are shared by all connections, so that the objects on the way are replaced by copies.
 * @throws when something on the way is no object
 */
export function putField(
  record: Record<string, unknown>,
  [key, ...rest]: FieldPath,
  value: unknown,
): void {
  const [next, ...others] = rest
  if (next === undefined) return define(record, key, value)
  const inner = Object.hasOwn(record, key) ? record[key] : undefined
  if (inner === undefined && value === undefined) return
  const copy = { ...objectAt(inner, key) }
  define(record, key, copy)
  putField(copy, [next, ...others], value)
}

function objectAt(value: unknown, key: string): object {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value
  throw new TypeError(`'${key}' is not an object`)
}

/** Defined, never assigned, so that `__proto__` is a key like any other. */
function define(record: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(record, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}
