import { entityKey } from '@kong-ts/pdk/host'
import type { FieldErrors } from '@kong-ts/pdk/host'

export type { FieldErrors }

/** Kong's numbered errors of entities: the number, its name in the body, and the HTTP status. */
const kinds = {
  1: ['invalid primary key', 400],
  2: ['schema violation', 400],
  3: ['primary key violation', 400],
  4: ['foreign key violation', 400],
  5: ['unique constraint violation', 409],
  6: ['not found', 404],
  7: ['invalid offset', 400],
  8: ['database error', 500],
  9: ['invalid size', 400],
  10: ['invalid unique', 400],
  11: ['invalid options', 400],
  12: ['operation unsupported', 405],
  13: ['foreign keys unresolved', 400],
  14: ['invalid declarative configuration', 400],
  15: ['transformation error', 500],
  16: ['invalid foreign key', 500],
  17: ['invalid workspace', 500],
  18: ['invalid global query', 500],
  19: ['referenced by others', 400],
  20: ['invalid search query', 500],
  21: ['invalid sync deltas', 500],
} as const satisfies Record<number, readonly [name: string, status: number]>

export type EntityErrorCode = keyof typeof kinds

/** A write or a look-up that the rules of the entities refuse; its body is what Kong answers. */
export class EntityError extends Error {
  override readonly name = 'EntityError'
  readonly code: EntityErrorCode
  readonly status: number
  /** The fields at fault; for code 11 the options. */
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(
    code: EntityErrorCode,
    message: string,
    details?: Readonly<Record<string, unknown>>,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.code = code
    this.status = kinds[code][1]
    this.details = details
  }

  /** The JSON body of the Admin API. */
  body(): Record<string, unknown> {
    const { code, message, details } = this
    // The field that is not unique is part of the name.
    if (code === 10)
      return { code, name: `invalid unique ${Object.keys(details ?? {}).join()}`, message }
    const place = code === 11 ? 'options' : 'fields'
    return { code, name: kinds[code][0], message, ...(details && { [place]: details }) }
  }
}

/** Code 2, with the message that Kong makes of the fields: `@entity` first, then the fields sorted. */
export function schemaViolation(fields: FieldErrors, options?: ErrorOptions): EntityError {
  const lines = describe(fields, '')
  const noun = lines.length === 1 ? 'schema violation' : `${lines.length} schema violations`
  return new EntityError(2, `${noun} (${lines.join('; ')})`, fields, options)
}

function describe(fields: FieldErrors, path: string): string[] {
  const names = Object.keys(fields).toSorted((a, b) => rank(a) - rank(b) || order(a, b))
  return names.flatMap((name) => {
    const at = [path, name === entityKey ? '' : name].filter((part) => part !== '').join('.')
    const error = fields[name] ?? []
    if (typeof error === 'string') return [labelled(at, error)]
    if (Array.isArray(error)) return error.map((line) => labelled(at, line))
    return describe(error, at)
  })
}

function labelled(at: string, line: string): string {
  return at === '' ? line : `${at}: ${line}`
}

function rank(name: string): number {
  return name === entityKey ? 0 : 1
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
