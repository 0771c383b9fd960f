import type { ObjectSchema } from './schema.ts'

/** Errors under the field's name, nested as the fields are; array elements under their 1-based position. */
export interface FieldErrors {
  [field: string]: string | string[] | FieldErrors
}

export type Validated =
  | { readonly ok: true; readonly value: Record<string, unknown> }
  | { readonly ok: false; readonly fields: FieldErrors }

/** Checks a copy of its input against a schema, fills in defaults, and words errors as Kong does. */
export type Validator = (input: unknown) => Validated

export declare function compile(schema: ObjectSchema): Validator
