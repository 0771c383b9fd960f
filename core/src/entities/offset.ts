import { EntityError } from '../errors/entity-error.ts'

/** The opaque text that says where the next page begins. */
export function encodeOffset(id: string): string {
  return Buffer.from(JSON.stringify([id])).toString('base64')
}

/** @throws EntityError code 7 for a text that no page has given */
export function decodeOffset(text: string): string {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw invalid(text, 'bad base64 encoding')
  }
  const id = readId(Buffer.from(text, 'base64').toString())
  if (id === undefined) throw invalid(text, 'bad json encoding')
  return id
}

function readId(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json)
    const first: unknown = Array.isArray(value) ? value[0] : undefined
    return typeof first === 'string' ? first : undefined
  } catch {
    return undefined
  }
}

function invalid(text: string, why: string): EntityError {
  return new EntityError(7, `'${text}' is not a valid offset: ${why}`)
}
