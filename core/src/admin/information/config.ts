import { DeclarativeError } from '../../declarative/declarative-error.ts'
import { inOrder } from '../../declarative/shape.ts'
import { definitions } from '../../entities/definitions/index.ts'
import { readConfigRequest } from './config-body.ts'
import type { AdminDeps } from '../deps.ts'
import type { Answer, Call, Endpoint } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'

const message = { type: 'object', properties: { message: { type: 'string' } } } as const

/** The whole configuration of a node without a database. */
export const configEndpoint: Endpoint = {
  path: '/config',
  raw: true,
  handlers: {
    GET: ({ deps }) => ({ status: 200, body: { config: declarativeOf(deps).export() } }),
    POST: loadConfig,
  },
  about: {
    methods: {
      GET: {
        summary: 'The configuration as a declarative document',
        answers: {
          200: { type: 'object', properties: { config: { type: 'string' } } },
          400: message,
        },
      },
      POST: {
        summary: 'Replaces the configuration by a declarative document',
        query: { check_hash: { type: 'string' }, flatten_errors: { type: 'string' } },
        body: {
          'application/json': { type: 'object' },
          'application/yaml': { type: 'string' },
          'multipart/form-data': { type: 'object', properties: { config: { type: 'string' } } },
        },
        answers: { 201: { type: 'object' }, 304: null, 400: { type: 'object' }, 429: message },
      },
    },
  },
}

/** Seconds after which a client whose document came too soon may try again. */
const patience = '1'

async function loadConfig({ deps, query, raw }: Call): Promise<Answer> {
  const declarative = declarativeOf(deps)
  const { document, checkHash, flattenErrors } = await readConfigRequest(raw, query)
  try {
    const outcome = await declarative.load(document, { unlessSame: checkHash })
    if (outcome === 'unchanged') return { status: 304 }
    if (outcome === 'loaded') return { status: 201, body: entitiesOf(deps) }
    const body = { message: 'Currently loading previous configuration' }
    return { status: 429, body, headers: { 'Retry-After': patience } }
  } catch (error) {
    if (!flattenErrors || !(error instanceof DeclarativeError)) throw error
    return { status: error.status, body: error.flattenedBody() }
  }
}

/** Every entity by its type and id. */
function entitiesOf({ entities, context }: AdminDeps): Record<string, unknown> {
  const set = entities()
  const collections = inOrder.flatMap((entity) => {
    const { serve } = definitions[entity]
    const { rows } = set.list(entity, { size: Infinity })
    const served = rows.map((row) => [row.id, serve?.({ ...row }, context) ?? row])
    return rows.length === 0 ? [] : [[entity, Object.fromEntries(served)]]
  })
  return Object.fromEntries(collections)
}

/** @throws HttpError 400 with a database */
function declarativeOf({ declarative }: AdminDeps): NonNullable<AdminDeps['declarative']> {
  if (declarative !== undefined) return declarative
  throw new HttpError(
    400,
    'this endpoint is only available when Kong is configured to not use a database',
  )
}
