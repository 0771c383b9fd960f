import { EntityError } from '../errors/entity-error.ts'
import type { Fields } from '../entities/fields.ts'
import { printLua } from './print-lua.ts'

/** Code 14: a document that cannot be used, with everything that is wrong with it. */
export class DeclarativeError extends EntityError {
  readonly #flattened: (() => Flattened) | undefined

  constructor(fields: Fields, flattened?: () => Flattened) {
    super(14, messageOf(fields), fields)
    this.#flattened = flattened
  }

  /** The body with the errors entity by entity, where it could be read; what belongs to no entity stays in `fields`. */
  flattenedBody(): Record<string, unknown> {
    if (this.#flattened === undefined) return this.body()
    const { left, errors } = this.#flattened()
    return { ...this.body(), message: messageOf(left), fields: left, flattened_errors: errors }
  }
}

export interface Flattened {
  /** The errors that belong to no entity. */
  readonly left: Fields
  readonly errors: readonly FlattenedError[]
}

/** An entity that is at fault, as it was written. */
export interface FlattenedError {
  readonly entity_type: string
  readonly entity_id?: string
  readonly entity_name?: string
  readonly entity_tags?: readonly string[]
  readonly entity: Fields
  readonly errors: readonly (
    | { readonly type: 'entity'; readonly message: string }
    | { readonly type: 'field'; readonly field: string; readonly message: string }
  )[]
}

/** What the text itself is worth. */
export function unreadable(why: string): DeclarativeError {
  return new DeclarativeError({ error: why })
}

function messageOf(fields: Fields): string {
  return `declarative config is invalid: ${printLua(fields)}`
}
