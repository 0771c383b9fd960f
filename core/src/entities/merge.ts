import type { Fields } from './fields.ts'
import { isFields } from './fields.ts'

/** Records merge, everything else is replaced; references are replaced whole. Answers with a new record. */
export function merge(before: Fields, patch: Fields, whole: readonly string[] = []): Fields {
  const merged = Object.entries(patch).map(([name, value]) => {
    const old = Object.hasOwn(before, name) ? before[name] : undefined
    const deep = isFields(old) && isFields(value) && !whole.includes(name)
    return [name, deep ? merge(old, value) : value]
  })
  return { ...before, ...Object.fromEntries(merged) }
}
