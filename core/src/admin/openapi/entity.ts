import type { Schema } from '@kong-ts/pdk'
import type { PlanContext } from '../../entities/context.ts'
import type { Definition } from '../../entities/definition.ts'
import { commonRequired } from '../../entities/definitions/common.ts'
import { definitions, isEntityName } from '../../entities/definitions/index.ts'
import { componentName } from './names.ts'
import { pageOf } from './page.ts'
import { closedObject, isServedAlways, nullable, openApiSchema, undefaulted } from './schema.ts'
import type { JsonSchema, Side } from './schema.ts'

type Properties = Readonly<Record<string, JsonSchema>>

/** A component of the document by its name. */
export function component(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` }
}

/** What an entity adds to the document: `Route`, `RouteInput`, `RouteChange` and `RoutePage`. */
export function entityComponents(definition: Definition, context: PlanContext): Properties {
  const name = componentName(definition.name)
  const kinds = definition.kinds?.(context) ?? {}
  return {
    ...byKind(name, kinds, (kind) => servedEntity(definition, kind)),
    ...byKind(`${name}Input`, kinds, (kind) => writtenEntity(definition, [], kind)),
    [`${name}Change`]: changedEntity(definition),
    [`${name}Page`]: pageOf(component(name)),
    ...Object.fromEntries(
      Object.entries(kinds).flatMap(([kind, schema]) => [
        [`${name}Config.${kind}`, openApiSchema(schema, 'part')],
        [`${name}ConfigInput.${kind}`, openApiSchema(schema, 'whole')],
      ]),
    ),
  }
}

/**
 * What creates an entity.
 * @param known the fields that the path gives: nobody has to write them again
 */
export function entityInput(definition: Definition, known: readonly string[]): JsonSchema {
  const needed = definition.schema.required ?? []
  if (!known.some((name) => needed.includes(name))) {
    return component(`${componentName(definition.name)}Input`)
  }
  return writtenEntity(definition, known)
}

/** One component, or one for each kind and a choice between them by their name. */
function byKind(
  name: string,
  kinds: Readonly<Record<string, Schema>>,
  make: (kind?: string) => JsonSchema,
): Properties {
  const names = Object.keys(kinds)
  if (names.length === 0) return { [name]: make() }
  const mapping = Object.fromEntries(
    names.map((kind) => [kind, `#/components/schemas/${name}.${kind}`]),
  )
  return {
    [name]: {
      oneOf: names.map((kind) => component(`${name}.${kind}`)),
      discriminator: { propertyName: 'name', mapping },
    },
    ...Object.fromEntries(names.map((kind) => [`${name}.${kind}`, make(kind)])),
  }
}

function servedEntity(definition: Definition, kind?: string): JsonSchema {
  const { schema, owned } = definition
  const properties = {
    ...fieldsOf(definition, 'served'),
    ...(owned && { [owned.field]: ownedList(owned) }),
    ...configured(definition, kind, 'Config'),
  }
  const always = Object.keys(properties).filter((name) => isServedAlways(schema.properties[name]))
  return { ...closedObject(properties, always), ...described(schema) }
}

function writtenEntity(
  definition: Definition,
  known: readonly string[],
  kind?: string,
): JsonSchema {
  const { schema, shorthands = {}, given = [] } = definition
  const filled = new Set<string>([...commonRequired, ...known, ...given])
  const needed = undefaulted(schema.properties, schema.required ?? []).filter(
    (name) => !filled.has(name),
  )
  const whole = closedObject(
    { ...writable(definition, 'whole'), ...configured(definition, kind, 'ConfigInput') },
    Object.keys(shorthands).length === 0 ? needed : [],
  )
  if (whole['required'] !== undefined || needed.length === 0) return whole
  // A shorthand stands for fields that are needed otherwise.
  const ways = [needed, ...Object.keys(shorthands).map((name) => [name])]
  return { ...whole, anyOf: ways.map((required) => ({ required })) }
}

function changedEntity(definition: Definition): JsonSchema {
  return closedObject(writable(definition, 'part'), [])
}

/** What may be written: the fields, the list that the entity owns, and shorthands. */
function writable(definition: Definition, side: 'whole' | 'part'): Properties {
  const { owned, shorthands = {} } = definition
  return {
    ...fieldsOf(definition, side),
    ...(owned && { [owned.field]: nullable(writtenList(owned)) }),
    ...Object.fromEntries(
      Object.entries(shorthands).map(([name, schema]) => [
        name,
        { ...nullable(openApiSchema(schema, side)), writeOnly: true },
      ]),
    ),
  }
}

function fieldsOf(definition: Definition, side: Side): Properties {
  const { schema } = definition
  const entries = Object.entries(schema.properties).map(([name, field]) => {
    const own = fieldOf(definition, name, field, side)
    const filled = side !== 'served' && isAutomatic(name)
    const isSet = schema.required?.includes(name) && !filled
    return [name, isSet ? own : nullable(own)] as const
  })
  return Object.fromEntries(entries)
}

function fieldOf({ references }: Definition, name: string, field: Schema, side: Side): JsonSchema {
  const rule = references[name]
  if (side === 'served' || rule === undefined || rule.many) return openApiSchema(field, side)
  return writtenReference(rule.entity, field)
}

/** By its id, or by what names it in URLs. */
function writtenReference(entity: string, { description }: Schema): JsonSchema {
  const key = isEntityName(entity) ? definitions[entity].key : undefined
  const id = { type: 'string', format: 'uuid' }
  return {
    ...closedObject({ id, ...(key !== undefined && { [key]: { type: 'string' } }) }, []),
    minProperties: 1,
    ...(description !== undefined && { description }),
  }
}

function ownedList({ entity, key }: NonNullable<Definition['owned']>): JsonSchema {
  const items = openApiSchema(definitions[entity].schema.properties[key] ?? {}, 'whole')
  return { type: 'array', items }
}

/** One alone needs no list around it. */
function writtenList(owned: NonNullable<Definition['owned']>): JsonSchema {
  return { anyOf: [ownedList(owned), { type: 'string' }] }
}

/** `name` and `config` of one kind. */
function configured(definition: Definition, kind: string | undefined, suffix: string): Properties {
  if (kind === undefined) return {}
  const config = component(`${componentName(definition.name)}${suffix}.${kind}`)
  return {
    name: { type: 'string', const: kind, ...described(definition.schema.properties['name'] ?? {}) },
    config: suffix === 'Config' ? config : nullable(config),
  }
}

function described({ description }: Schema) {
  return description === undefined ? {} : { description }
}

function isAutomatic(name: string): boolean {
  return commonRequired.some((automatic) => automatic === name)
}
