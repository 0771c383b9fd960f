/** Errors under the field's name, nested as the fields are; array elements under their 1-based position. */
export interface FieldErrors {
  [field: string]: string | string[] | FieldErrors
}

/** Where errors about an object as a whole stand. */
export const entityKey = '@entity'

/**
 * Adds an error at a path. The first error of a field wins; errors of `@entity` add up.
 * Keys are defined, never assigned, so that `__proto__` is a key like any other.
 */
export function addError(errors: FieldErrors, path: readonly string[], message: string): void {
  const [key = entityKey, ...rest] = path
  if (key === entityKey) return addEntityError(errors, message)
  const known = ownField(errors, key)
  if (rest.length === 0) return define(errors, key, known ?? message)
  const inner = known ?? {}
  if (typeof inner === 'string' || Array.isArray(inner)) return
  addError(inner, rest, message)
  define(errors, key, inner)
}

function addEntityError(errors: FieldErrors, message: string): void {
  const known = ownField(errors, entityKey)
  define(errors, entityKey, [...(Array.isArray(known) ? known : []), message])
}

function ownField(errors: FieldErrors, key: string): FieldErrors[string] | undefined {
  return Object.hasOwn(errors, key) ? errors[key] : undefined
}

/** One line for each error, `@entity` first, then by name: `config.allow.1: invalid ip or cidr range: 'x'`. */
export function listErrors(errors: FieldErrors, prefix = ''): string[] {
  const { [entityKey]: entity, ...fields } = errors
  const own = Array.isArray(entity) ? entity.map((text) => `${prefix}${text}`) : []
  const nested = Object.entries(fields)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([field, error]) => listField(`${prefix}${field}`, error))
  return [...own, ...nested]
}

function listField(name: string, error: FieldErrors[string]): string[] {
  if (typeof error === 'string') return [`${name}: ${error}`]
  if (Array.isArray(error)) return error.map((text) => `${name}: ${text}`)
  return listErrors(error, `${name}.`)
}

function define(errors: FieldErrors, key: string, value: FieldErrors[string]): void {
  Object.defineProperty(errors, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}
