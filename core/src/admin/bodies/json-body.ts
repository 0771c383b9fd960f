import { HttpError } from '../http-error.ts'

/** Keys that reach into a prototype when a program copies them carelessly. */
const dangerous = new Set(['__proto__', 'constructor', 'prototype'])

/** @throws HttpError 400 for a key that no body may have */
export function refuseKey(key: string): void {
  if (dangerous.has(key)) throw new HttpError(400, `the key '${key}' is not allowed`)
}

/**
 * Reads a JSON body.
 * @throws HttpError 400 for none, for broken JSON or UTF-8, for anything but an object, for dangerous keys and too many levels
 */
export function parseJson(bytes: Uint8Array, depthLimit: number): Record<string, unknown> {
  const value = parse(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable()
  inspect(value, depthLimit, depthLimit)
  return { ...value }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw unreadable(error)
  }
}

function inspect(value: unknown, levels: number, limit: number): void {
  if (typeof value !== 'object' || value === null) return
  if (levels === 0) throw new HttpError(400, `the body is nested more than ${limit} levels deep`)
  if (!Array.isArray(value)) Object.keys(value).forEach(refuseKey)
  for (const item of Object.values(value)) inspect(item, levels - 1, limit)
}

function unreadable(cause?: unknown): HttpError {
  return new HttpError(400, 'Cannot parse JSON body', { cause })
}
