/** Deeper nesting is refused: no configuration is that deep, and a cycle has no end. */
const deepest = 32

const forbidden: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Hears of keys that were left out of the copy, with the way to them. */
export type Complain = (path: readonly string[], message: string) => void

/**
 * Copies plain data. Null and undefined mean "not set" and are left out of objects; keys that reach a prototype are
 * left out and complained about.
 */
export function copyInput(
  value: unknown,
  complain: Complain,
  path: readonly string[] = [],
): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (path.length > deepest) {
    complain(path, 'nested too deeply')
    return undefined
  }
  if (Array.isArray(value)) {
    return value.map((each, index) => copyInput(each, complain, [...path, String(index + 1)]))
  }
  return copyObject(value, complain, path)
}

function copyObject(value: object, complain: Complain, path: readonly string[]): object {
  const copy: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    if (forbidden.has(key)) complain([...path, key], 'unknown field')
    else if (inner !== null && inner !== undefined)
      copy[key] = copyInput(inner, complain, [...path, key])
  }
  return copy
}
