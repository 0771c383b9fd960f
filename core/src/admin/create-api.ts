import { METHODS } from 'node:http'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerError } from './answer-error.ts'
import { authorOf } from './author.ts'
import { isBody, noBody } from './bodies/body.ts'
import { bodyReaders } from './bodies/body-readers.ts'
import type { Site } from '../node/listen-http.ts'
import { allowOrigin, answerOptions } from './guard/cors.ts'
import type { AdminDeps } from './deps.ts'
import { allowed, methods } from './endpoint.ts'
import type { Endpoint, Method } from './endpoint.ts'
import { readQuery } from './rows/query.ts'
import { rawBodyOf, serveRaw } from './bodies/raw-body.ts'
import { linger } from './linger.ts'
import type { Refuse } from './guard/refusal.ts'
import { withoutWorkspace } from './information/workspaces.ts'

/** Node refuses a longer head of a request: any name that arrives is looked up. */
const maxSegment = 16 * 1024

/** Milliseconds until a request has to be here as a whole. */
const requestTimeout = 60_000

/** The methods whose body means something; it is ignored with any other. */
const writing: ReadonlySet<string> = new Set(['PATCH', 'POST', 'PUT'])

/** Milliseconds that a connection may be silent between requests. */
const keepAliveTimeout = 72_000

export interface ApiOptions {
  readonly site: Site
  readonly endpoints: readonly Endpoint[]
  readonly refuse: Refuse
}

/** An application that serves endpoints as Kong's APIs do. */
export function createApi(deps: AdminDeps, options: ApiOptions): FastifyInstance {
  const { site, endpoints } = options
  const app = Fastify({
    ...(site.serverFactory && { serverFactory: site.serverFactory }),
    bodyLimit: deps.options.bodyLimit,
    requestTimeout,
    exposeHeadRoutes: false,
    rewriteUrl: ({ url = '/' }) => withoutWorkspace(url),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: maxSegment },
    frameworkErrors: (error, request, reply) => {
      // Hooks do not run for what the framework cannot route.
      addHeaders(deps, request, reply)
      const refused = refuse(options, request, reply)
      if (refused === undefined) answerError(deps, error, request, reply)
    },
  })
  // Fastify leaves a server that was made for it as it is.
  app.server.requestTimeout = requestTimeout
  app.server.keepAliveTimeout = keepAliveTimeout
  knowMethods(app)
  parseBodies(app, deps)
  app.addHook('onRequest', async (request, reply) => {
    return refuse(options, request, reply) ?? refuseUnreadable(request, reply)
  })
  app.addHook('onSend', async (request, reply) => addHeaders(deps, request, reply))
  app.setErrorHandler((error, request, reply) => answerError(deps, error, request, reply))
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: 'Not found' }))
  for (const endpoint of endpoints) {
    if (endpoint.raw) serveRaw(app, (scope) => serveEndpoint(scope, deps, site, endpoint))
    else serveEndpoint(app, deps, site, endpoint)
  }
  return app
}

/**
 * All of them, so that a method that nothing serves, such as PROPFIND, is answered 405 where the path exists; the body
 * of one that does not write is not read.
 */
function knowMethods(app: FastifyInstance): void {
  for (const method of METHODS) {
    app.addHttpMethod(method, { hasBody: writing.has(method), overrideExisting: true })
  }
}

function parseBodies(app: FastifyInstance, { options: { depthLimit } }: AdminDeps): void {
  app.removeAllContentTypeParsers()
  for (const [type, read] of Object.entries(bodyReaders(depthLimit))) {
    app.addContentTypeParser(
      type,
      { parseAs: 'buffer' },
      async (request: FastifyRequest, bytes: Buffer<ArrayBuffer>) =>
        read(bytes, request.headers['content-type'] ?? type),
    )
  }
}

/** Refuses before a byte of the body is read. */
function refuse(
  options: ApiOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | undefined {
  const refusal = options.refuse(request)
  if (refusal !== undefined) {
    if (refusal.status === 401) reply.header('WWW-Authenticate', 'Bearer')
    return reply.code(refusal.status).send({ message: refusal.message })
  }
  return undefined
}

/** What no endpoint could do anything with. */
function refuseUnreadable(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  if (request.is404) return reply.code(404).send({ message: 'Not found' })
  if (headerCount(request.raw.rawHeaders, 'content-type') > 1) {
    return reply.code(400).send({ message: 'Multiple Content-Type headers not allowed' })
  }
  return undefined
}

function headerCount(rawHeaders: readonly string[], name: string): number {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length
}

function addHeaders(deps: AdminDeps, request: FastifyRequest, reply: FastifyReply): void {
  allowOrigin(deps.options, request, reply)
  reply.header('Server', `kong-ts/${deps.version}`)
  reply.header('X-Kong-Admin-Latency', String(Math.round(reply.elapsedTime)))
  // Fastify asks for a close when a body is too long.
  reply.removeHeader('connection')
  linger(request.raw, reply.raw)
}

function serveEndpoint(
  app: FastifyInstance,
  deps: AdminDeps,
  site: Site,
  endpoint: Endpoint,
): void {
  const allow = allowed(endpoint).join(', ')
  app.route({
    method: [...app.supportedMethods],
    url: endpoint.path,
    onRequest: async (request, reply) => {
      if (request.method === 'OPTIONS') return answerOptions(deps.options, request, reply, allow)
      if (handlerOf(endpoint, request.method)) return undefined
      return reply.code(405).header('Allow', allow).send({ message: 'Method not allowed' })
    },
    handler: async (request, reply) => {
      const handler = handlerOf(endpoint, request.method)
      if (handler === undefined) return reply.callNotFound()
      const author = authorOf(request, deps.options, site)
      const answer = await handler({
        deps: { ...deps, write: (plan) => deps.write(plan, author) },
        author,
        params: paramsOf(request),
        query: readQuery(request.url),
        headers: request.headers,
        body: isBody(request.body) ? request.body : noBody,
        raw: rawBodyOf(request),
      })
      return reply
        .code(answer.status)
        .headers(answer.headers ?? {})
        .send(answer.body)
    },
  })
}

function handlerOf({ handlers }: Endpoint, name: string) {
  const method: Method | undefined = methods.find(
    (known) => known === (name === 'HEAD' ? 'GET' : name),
  )
  return method && handlers[method]
}

/** All our parameters are single segments: texts. */
function paramsOf({ params }: FastifyRequest): Readonly<Record<string, string>> {
  const entries = typeof params === 'object' && params !== null ? Object.entries(params) : []
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}
