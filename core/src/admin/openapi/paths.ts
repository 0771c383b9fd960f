import { definitions, isEntityName } from '../../entities/definitions/index.ts'
import { allowed } from '../endpoint.ts'
import type { Endpoint, Method, Operation } from '../endpoint.ts'
import { conditions, etag, refusal } from './answers.ts'
import type { Refusal } from './answers.ts'
import { operationId } from './names.ts'
import { rowOperation } from './rows.ts'
import type { JsonSchema } from './schema.ts'
import { shownPath } from '../path-list.ts'

/** Methods that are there because another is, or always. */
const implied = ['HEAD', 'OPTIONS'] as const

/** A path and everything that can be done there. */
export function pathItem(endpoint: Endpoint): readonly [path: string, item: JsonSchema] {
  const path = shownPath(endpoint.path)
  const parameters = pathParameters(endpoint, path)
  const operations = allowed(endpoint).map((method) => [
    method.toLowerCase(),
    describe(endpoint, path, method),
  ])
  return [path, { ...(parameters.length > 0 && { parameters }), ...Object.fromEntries(operations) }]
}

/** The group of a path: its first segment. */
export function tagOf(path: string): string {
  return path.split('/')[1] || 'node'
}

function describe(endpoint: Endpoint, path: string, method: string): JsonSchema {
  const head = { tags: [tagOf(path)] }
  const other = implied.find((name) => name === method)
  if (other !== undefined) {
    const summary = other === 'HEAD' ? 'The headers of GET' : 'Which methods there are'
    const status = other === 'HEAD' ? '200' : '204'
    return {
      ...head,
      operationId: operationId(other, path),
      summary,
      responses: {
        [status]: { description: summary, ...(other === 'OPTIONS' && { headers: allow }) },
        ...refused([401, 403]),
      },
    }
  }
  const name = toMethod(method)
  const operation = operationOf(endpoint, name)
  return {
    ...head,
    operationId: operationId(name, path),
    summary: operation.summary,
    ...parametersOf(operation, endpoint.about?.rows?.one ? conditions : []),
    ...bodyOf(operation),
    responses: {
      ...answersOf(operation, isTagged(endpoint, name)),
      ...refused(refusalsOf(endpoint, path, name, operation)),
    },
  }
}

const allow = {
  Allow: { description: 'The methods, with commas.', schema: { type: 'string' } },
}

function toMethod(name: string): Method {
  const known = ['DELETE', 'PATCH', 'POST', 'PUT'] as const
  return known.find((method) => method === name) ?? 'GET'
}

/** What is not described says no more than that it is there. */
function operationOf({ path, about = {} }: Endpoint, method: Method): Operation {
  const told = about.methods?.[method] ?? (about.rows && rowOperation(about.rows, method))
  return told ?? { summary: `${method} ${shownPath(path)}`, answers: { 200: {} } }
}

/** A row is answered with the tag by which a client can say which state of it it means. */
function isTagged({ about }: Endpoint, method: Method): boolean {
  return about?.rows !== undefined && (about.rows.one || method === 'POST')
}

function parametersOf({ query = {} }: Operation, more: readonly JsonSchema[]): JsonSchema {
  const asked = Object.entries(query).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(description !== undefined && { description }),
    schema,
  }))
  const parameters = [...asked, ...more]
  return parameters.length > 0 ? { parameters } : {}
}

function bodyOf({ body }: Operation): JsonSchema {
  if (body === undefined) return {}
  const content = Object.entries(body).map(([type, schema]) => [type, { schema }])
  return { requestBody: { content: Object.fromEntries(content) } }
}

const reasons: Readonly<Record<string, string>> = {
  200: 'Done.',
  201: 'Created.',
  204: 'Done; there is nothing to say.',
  304: 'Nothing has changed.',
  501: 'There is no such thing here.',
  503: 'Not now.',
}

function answersOf({ answers = {} }: Operation, tagged: boolean): JsonSchema {
  return Object.fromEntries(
    Object.entries(answers).map(([status, schema]) => [
      status,
      {
        description: reasons[status] ?? 'Answered.',
        ...(tagged && status !== '204' && { headers: etag }),
        ...(schema && { content: { [mediaTypeOf(schema)]: { schema } } }),
      },
    ]),
  )
}

/** Nothing answers a text as JSON. */
function mediaTypeOf({ type }: JsonSchema): string {
  return type === 'string' ? 'text/plain' : 'application/json'
}

function refused(statuses: readonly Refusal[]): JsonSchema {
  return Object.fromEntries(statuses.map((status) => [status, refusal(status)]))
}

/** Its own answers stand before what any operation of its sort may answer. */
function refusalsOf(
  endpoint: Endpoint,
  path: string,
  method: Method,
  { answers = {}, query }: Operation,
): readonly Refusal[] {
  const isBelow = path.includes('{')
  const sends = method !== 'GET' && method !== 'DELETE'
  const common: readonly Refusal[] = [
    401,
    403,
    500,
    ...(sends || isBelow || query !== undefined ? ([400] as const) : []),
    ...(isBelow ? ([404] as const) : []),
    ...(sends ? ([413, 415] as const) : []),
    ...refusalsOfRows(endpoint, method, sends),
  ]
  return common.filter((status) => answers[status] === undefined)
}

function refusalsOfRows({ about }: Endpoint, method: Method, sends: boolean): readonly Refusal[] {
  if (about?.rows === undefined) return []
  return [
    ...(method === 'GET' ? [] : ([405] as const)),
    ...(sends ? ([409] as const) : []),
    ...(about.rows.one ? ([412] as const) : []),
  ]
}

function pathParameters({ about }: Endpoint, path: string): readonly JsonSchema[] {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name)
  return names.map((name) => ({
    name,
    in: 'path',
    required: true,
    description: descriptionOf(name, about?.rows !== undefined),
    schema: { type: 'string' },
  }))
}

function descriptionOf(name: string, isRow: boolean): string {
  const definition = isEntityName(name) ? definitions[name] : undefined
  if (!isRow || definition === undefined) return `The ${name}.`
  const { key, owned } = definition
  const other = key ?? owned?.key
  return other === undefined ? 'Its id.' : `Its id or its ${other}.`
}
