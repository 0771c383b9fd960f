import type { Schema } from './schema.ts'

/** The validator's own keyword: the named property, if there, is not empty. */
export const filledKeyword = 'filled'

type Open = { -readonly [K in keyof Schema]: Schema[K] }

/**
 * A copy of a schema in which every object that lists its properties refuses others, unless the schema states
 * `additionalProperties`. Branches that refine an object (`anyOf` beside `properties`, `if`, `allOf`, `not`) stay
 * open: they speak about a part of it. Branches that are the whole alternative are closed.
 */
export function closeSchema(schema: Schema): Schema {
  const { properties, items, additionalProperties, anyOf, oneOf } = schema
  const closed: Open = { ...schema }
  if (properties) {
    closed.properties = Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [name, closeSchema(inner)]),
    )
    closed.additionalProperties = additionalProperties ?? false
  }
  if (items) closed.items = closeSchema(items)
  if (typeof additionalProperties === 'object') {
    closed.additionalProperties = closeSchema(additionalProperties)
  }
  const closeBranch = properties ? demandContent : closeSchema
  if (anyOf) closed.anyOf = anyOf.map(closeBranch)
  if (oneOf) closed.oneOf = oneOf.map(closeBranch)
  return closed
}

/** A branch that does nothing but require one field is a choice of that field. */
export function chosenField(branch: Schema): string | undefined {
  const {
    required = [],
    [filledKeyword]: _,
    ...rest
  } = branch as Schema & { [filledKeyword]?: string }
  return Object.keys(rest).length === 0 && required.length === 1 ? required[0] : undefined
}

/** As in Kong, a choice of fields asks for content: an empty list is no list. */
function demandContent(branch: Schema): Schema {
  const field = chosenField(branch)
  return field === undefined ? branch : ({ ...branch, [filledKeyword]: field } as Schema)
}
