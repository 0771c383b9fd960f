import type { Schema } from '@kong-ts/pdk'

/** A rule over several fields as Kong's schemas write it down. */
export type KongCheck = Readonly<Record<string, unknown>>

/**
 * The rules over several fields of a record.
 * @param prefix of the names, such as `config.` for the rules of a plugin
 */
export function rulesOf(schema: Schema, prefix = ''): readonly KongCheck[] {
  return [
    ...choice('at_least_one_of', schema.anyOf, prefix),
    ...choice('only_one_of', schema.oneOf, prefix),
    ...condition(schema, prefix),
    ...(schema.allOf ?? []).flatMap((part) => rulesOf(part, prefix)),
  ]
}

/** Branches that require a field are a choice between those fields. */
function choice(
  word: string,
  branches: readonly Schema[] | undefined,
  prefix: string,
): readonly KongCheck[] {
  const names = branches?.flatMap(({ required = [] }) => required) ?? []
  return names.length === 0 ? [] : [{ [word]: names.map((name) => prefix + name) }]
}

/** `if` over one field, and `then` requiring others. */
function condition(schema: Schema, prefix: string): readonly KongCheck[] {
  const [asked] = Object.entries(schema.if?.properties ?? {})
  if (asked === undefined) return []
  const [name, { const: value, enum: values = [] }] = asked
  const match = value === undefined ? { one_of: values } : { eq: value }
  return (schema.then?.required ?? []).map((field) => ({
    conditional: {
      if_field: prefix + name,
      if_match: match,
      then_field: prefix + field,
      then_match: { required: true },
    },
  }))
}
