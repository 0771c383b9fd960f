import type { ObjectSchema } from '@kong-ts/pdk'
import type { PlanContext } from '../../entities/context.ts'
import { definitions } from '../../entities/definitions/index.ts'
import type { Answer, Call, Endpoint } from '../endpoint.ts'
import {
  errorSchemas,
  headerComponents,
  parameterComponents,
  refusalComponents,
} from './answers.ts'
import { entityComponents } from './entity.ts'
import { pathItem, tagOf } from './paths.ts'
import type { JsonSchema } from './schema.ts'
import { shownPath } from '../path-list.ts'

/** `/openapi.json`: what is served, this too, as OpenAPI 3.1 describes it. */
export function openApiEndpoint(served: () => readonly Endpoint[]): Endpoint {
  const build = oncePerPluginSet((context, version) => openApiDocument(served(), context, version))
  return {
    path: '/openapi.json',
    handlers: {
      GET: ({ deps }: Call): Answer => ({
        status: 200,
        body: build(deps.context, deps.version),
      }),
    },
    about: {
      methods: { GET: { summary: 'This document', answers: { 200: { type: 'object' } } } },
    },
  }
}

interface Built {
  readonly loaded: readonly (ObjectSchema | undefined)[]
  readonly document: JsonSchema
}

type Build = (context: PlanContext, version: string) => JsonSchema

/** A document of this size is made anew only when a reload has brought other plugins. */
function oncePerPluginSet(make: Build): Build {
  let last: Built | undefined
  return (context, version) => {
    const { plugins } = context
    const loaded = plugins.names().map((name) => plugins.find(name)?.schema)
    const isSame =
      last?.loaded.length === loaded.length && last.loaded.every((it, at) => it === loaded[at])
    if (last === undefined || !isSame) last = { loaded, document: make(context, version) }
    return last.document
  }
}

/** Everything in it comes from the endpoints and the definitions of the entities. */
export function openApiDocument(
  endpoints: readonly Endpoint[],
  context: PlanContext,
  version: string,
): JsonSchema {
  const groups = new Set(endpoints.map(({ path }) => tagOf(shownPath(path))))
  return {
    openapi: '3.1.0',
    info: {
      title: 'kong-ts Admin API',
      version,
      description: "The configuration of the gateway, as Kong's clients know it.",
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    // Without `admin_token` nothing has to be shown.
    security: [{}, { token: [] }, { bearer: [] }],
    tags: [...groups].toSorted().map((name) => ({ name })),
    paths: Object.fromEntries(endpoints.map(pathItem)),
    components: {
      schemas: {
        ...Object.assign(
          {},
          ...Object.values(definitions).map((each) => entityComponents(each, context)),
        ),
        ...errorSchemas,
      },
      responses: refusalComponents,
      parameters: parameterComponents,
      headers: headerComponents,
      securitySchemes: {
        token: { type: 'apiKey', in: 'header', name: 'Kong-Admin-Token' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
    },
  }
}
