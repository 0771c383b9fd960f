import type { ObjectSchema } from '@kong-ts/pdk'
import { checkAlone } from '../../entities/check-alone.ts'
import type { PluginFacts } from '../../entities/context.ts'
import { definitions, isEntityName } from '../../entities/definitions/index.ts'
import type { EntityName } from '../../entities/rows.ts'
import { fieldsOf } from '../bodies/body.ts'
import type { About, Answer, Call, Endpoint } from '../endpoint.ts'
import { renderEntity, renderPlugin, renderVault } from './entity-schema.ts'
import { HttpError } from '../http-error.ts'
import { bodies, recordOf } from '../openapi/schema.ts'
import { renderField } from './render-schema.ts'

/** The schemas of entities and plugins, and whether something would pass them. */
export const schemaEndpoints: readonly Endpoint[] = [
  { path: '/schemas/:name', handlers: { GET: showEntity }, about: shows('an entity') },
  {
    path: '/schemas/:name/validate',
    handlers: { POST: (call) => validate(call, entityOf(call)) },
    about: validates('an entity'),
  },
  { path: '/schemas/plugins/:name', handlers: { GET: showPlugin }, about: shows('a plugin') },
  { path: '/schemas/vaults/:name', handlers: { GET: showVault }, about: shows('a vault') },
  {
    path: '/schemas/plugins/validate',
    handlers: { POST: (call) => validate(call, 'plugins') },
    about: validates('a plugin'),
  },
  {
    path: '/schemas/vaults/validate',
    handlers: { POST: (call) => validate(call, 'vaults') },
    about: validates('a vault'),
  },
  // Deprecated, and still asked for by old clients.
  { path: '/plugins/schema/:name', handlers: { GET: showConfig }, about: shows('a plugin') },
]

function shows(what: string): About {
  const named = { type: 'array', items: { type: 'object', minProperties: 1, maxProperties: 1 } }
  const answer = recordOf({ fields: named, entity_checks: named })
  return { methods: { GET: { summary: `The schema of ${what}`, answers: { 200: answer } } } }
}

function validates(what: string): About {
  const summary = `Whether ${what} could be written thus`
  const answers = { 200: recordOf({ message: { type: 'string' } }) }
  return { methods: { POST: { summary, body: bodies({ type: 'object' }), answers } } }
}

/** What `/tags` lists is made of the entities and never written. */
const tagSchema = {
  type: 'object',
  properties: {
    tag: { type: 'string', format: 'tag', description: 'The tag.' },
    entity_name: { type: 'string', description: 'The collection of what has it.' },
    entity_id: { type: 'string', format: 'uuid', description: 'The id of what has it.' },
  },
  required: ['tag', 'entity_name', 'entity_id'],
} as const satisfies ObjectSchema

function showEntity(call: Call): Answer {
  if (call.params['name'] === 'tags') {
    return { status: 200, body: { fields: renderField(tagSchema)['fields'], entity_checks: [] } }
  }
  return { status: 200, body: renderEntity(definitions[entityOf(call)]) }
}

function showPlugin(call: Call): Answer {
  return { status: 200, body: renderPlugin(pluginOf(call)) }
}

/** The configuration alone. */
function showConfig(call: Call): Answer {
  const { fields = [], entity_checks: checks = [] } = renderField(pluginOf(call).schema)
  return { status: 200, body: { fields, entity_checks: checks } }
}

function pluginOf({ deps, params: { name = '' } }: Call): PluginFacts {
  const plugin = deps.context.plugins.find(name)
  if (plugin === undefined) throw new HttpError(404, `No plugin named '${name}'`)
  return plugin
}

function showVault({ deps, params: { name = '' } }: Call): Answer {
  const kinds = definitions.vaults.kinds?.(deps.context) ?? {}
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
  if (kind === undefined) throw new HttpError(404, `No vault named '${name}'`)
  return { status: 200, body: renderVault(kind) }
}

function entityOf({ params: { name = '' } }: Call): EntityName {
  if (isEntityName(name)) return name
  throw new HttpError(404, `No entity named '${name}'`)
}

function validate({ deps: { context }, body }: Call, entity: EntityName): Answer {
  checkAlone(context, entity, fieldsOf(body, entity, context))
  return { status: 200, body: { message: 'schema validation successful' } }
}
