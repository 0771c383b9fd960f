import type { ObjectSchema } from '@kong-ts/pdk'
import type { PlanContext } from '../../entities/context.ts'
import type { Definition } from '../../entities/definition.ts'
import { definitions } from '../../entities/definitions/index.ts'
import type { Fields } from '../../entities/fields.ts'
import { fieldOf, isFields } from '../../entities/fields.ts'
import type { EntityName, Row } from '../../entities/rows.ts'
import type { FormValue } from './form-body.ts'
import { inferTypes } from './infer-types.ts'

/** The body of a write: JSON means what it says, the texts of a form get their types from the entity. */
export type Body =
  | { readonly kind: 'json'; readonly fields: Fields }
  | { readonly kind: 'form'; readonly fields: Readonly<Record<string, FormValue>> }

export const noBody: Body = { kind: 'json', fields: {} }

export function isBody(value: unknown): value is Body {
  return isFields(value) && (value['kind'] === 'json' || value['kind'] === 'form')
}

/**
 * What was written, typed.
 * @param before the row that is changed: it says what a plugin's `config` is when the form does not name the plugin
 */
export function fieldsOf(
  body: Body,
  entity: EntityName,
  context: PlanContext,
  before?: Row,
): Fields {
  if (body.kind === 'json') return body.fields
  const definition = definitions[entity]
  const schema = formSchema(definition, body.fields, context, before)
  const typed = inferTypes(schema, body.fields)
  return isFields(typed) ? typed : {}
}

function formSchema(
  definition: Definition,
  fields: Fields,
  context: PlanContext,
  before: Row | undefined,
): ObjectSchema {
  const { schema, owned, formShape } = definition
  const name = fields['name'] ?? (before && fieldOf(before, 'name'))
  return {
    ...schema,
    properties: {
      ...schema.properties,
      ...formShape?.({ ...fields, name }, context),
      ...(owned && { [owned.field]: { type: 'array', items: { type: 'string' } } }),
    },
  }
}
