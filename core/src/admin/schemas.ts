import { checkAlone } from '../entities/check-alone.ts'
import { definitions, isEntityName } from '../entities/definitions/index.ts'
import type { EntityName } from '../entities/rows.ts'
import { fieldsOf } from './body.ts'
import type { Answer, Call, Endpoint } from './endpoint.ts'
import { renderEntity, renderPlugin } from './entity-schema.ts'
import { HttpError } from './http-error.ts'

/** The schemas of entities and plugins, and whether something would pass them. */
export const schemaEndpoints: readonly Endpoint[] = [
  { path: '/schemas/:name', handlers: { GET: showEntity } },
  { path: '/schemas/:name/validate', handlers: { POST: (call) => validate(call, entityOf(call)) } },
  { path: '/schemas/plugins/:name', handlers: { GET: showPlugin } },
  { path: '/schemas/plugins/validate', handlers: { POST: (call) => validate(call, 'plugins') } },
  // Deprecated, and still asked for by old clients.
  { path: '/plugins/schema/:name', handlers: { GET: showPlugin } },
]

function showEntity(call: Call): Answer {
  return { status: 200, body: renderEntity(definitions[entityOf(call)]) }
}

function showPlugin({ deps, params: { name = '' } }: Call): Answer {
  const plugin = deps.context.plugins.find(name)
  if (plugin === undefined) throw new HttpError(404, `No plugin named '${name}'`)
  return { status: 200, body: renderPlugin(plugin) }
}

function entityOf({ params: { name = '' } }: Call): EntityName {
  if (isEntityName(name)) return name
  throw new HttpError(404, `No entity named '${name}'`)
}

function validate({ deps: { context }, body }: Call, entity: EntityName): Answer {
  checkAlone(context, entity, fieldsOf(body, entity, context))
  return { status: 200, body: { message: 'schema validation successful' } }
}
