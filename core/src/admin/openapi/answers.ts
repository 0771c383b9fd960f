import { closedObject, recordOf } from './schema.ts'
import type { JsonSchema } from './schema.ts'

/** Kong's bodies of errors. */
export const errorSchemas: Readonly<Record<string, JsonSchema>> = {
  Message: recordOf({ message: { type: 'string' } }),
  NumberedError: {
    ...recordOf({
      code: { type: 'integer', minimum: 1, maximum: 21, description: 'Which kind of error.' },
      name: { type: 'string', description: 'The kind of error in words.' },
      message: { type: 'string' },
    }),
    description: 'What the rules of the entities refuse.',
  },
  FieldErrors: {
    description:
      'What is wrong, by field, nested as the fields are, elements by their position; or the values that are taken.',
    type: 'object',
    additionalProperties: {
      anyOf: [
        { type: ['string', 'null'] },
        { type: 'array', items: { type: 'string' } },
        { $ref: '#/components/schemas/FieldErrors' },
      ],
    },
  },
  EntityError: {
    allOf: [{ $ref: '#/components/schemas/NumberedError' }],
    type: 'object',
    properties: {
      fields: { $ref: '#/components/schemas/FieldErrors' },
      options: { $ref: '#/components/schemas/FieldErrors' },
    },
  },
}

const message = { $ref: '#/components/schemas/Message' }
const entityError = { $ref: '#/components/schemas/EntityError' }

/** The refusals, each under the name of its component. */
const refusals = {
  400: ['BadRequest', 'What was sent is malformed, or against a rule.', either()],
  401: ['Unauthorized', 'The token is missing or wrong.', message],
  403: ['Forbidden', 'The Host header names another server, or another origin writes.', message],
  404: ['NotFound', 'There is no such thing.', message],
  405: ['NotAllowed', 'It cannot be done here, or not without a database.', either()],
  409: ['Conflict', 'Another entity has a value that only one can have.', entityError],
  412: ['PreconditionFailed', 'The entity has changed since it was read.', message],
  413: ['TooLarge', 'The body is too long.', message],
  415: ['UnsupportedType', 'The body is of a type that is not read.', closedObject({}, [])],
  500: ['Failure', 'It is no fault of the client.', message],
} as const satisfies Readonly<Record<number, readonly [string, string, JsonSchema]>>

export type Refusal = keyof typeof refusals

/** The tag of the state that a row is in (RFC 9110 section 8.8.3). */
export const etag = { ETag: { $ref: '#/components/headers/ETag' } }

export const headerComponents: Readonly<Record<string, JsonSchema>> = {
  ETag: { description: 'The tag of the state that it is in.', schema: { type: 'string' } },
}

/** What a request may make its own going on depend on. */
export const conditions = [
  { $ref: '#/components/parameters/IfMatch' },
  { $ref: '#/components/parameters/IfNoneMatch' },
] as const

export const parameterComponents: Readonly<Record<string, JsonSchema>> = {
  IfMatch: header('If-Match', 'Only if it is in the state that has this tag.'),
  IfNoneMatch: header('If-None-Match', 'Only if it is in another state, or with `*` absent.'),
}

function header(name: string, description: string): JsonSchema {
  return { name, in: 'header', description, schema: { type: 'string' } }
}

/** The refusals as components. */
export const refusalComponents: Readonly<Record<string, JsonSchema>> = Object.fromEntries(
  Object.values(refusals).map(([name, description, schema]) => [
    name,
    { description, content: { 'application/json': { schema } } },
  ]),
)

export function refusal(status: Refusal): JsonSchema {
  return { $ref: `#/components/responses/${refusals[status][0]}` }
}

function either(): JsonSchema {
  return { anyOf: [entityErrorRef(), { $ref: '#/components/schemas/Message' }] }
}

function entityErrorRef(): JsonSchema {
  return { $ref: '#/components/schemas/EntityError' }
}
