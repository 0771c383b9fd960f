/** An entity, or a part of one, whose shape is known only from its definition. */
export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The own value under a name; undefined where there is none, whatever the prototype holds. */
export function fieldOf(row: object, name: string): unknown {
  return Object.hasOwn(row, name) ? Reflect.get(row, name) : undefined
}

/** The id in a reference such as `{ "id": "…" }`; undefined for null. */
export function referredId(row: object, field: string): string | undefined {
  const reference = fieldOf(row, field)
  if (!isFields(reference)) return undefined
  const { id } = reference
  return typeof id === 'string' ? id : undefined
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a text has the form of a UUID (RFC 9562 section 4), in either case. */
export function isUuid(text: string): boolean {
  return uuid.test(text)
}

/** The array elements that are strings; empty for anything else. */
export function stringsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
