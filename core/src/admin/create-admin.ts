import { METHODS } from 'node:http'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerError } from './answer-error.ts'
import { isBody, noBody } from './body.ts'
import type { Body } from './body.ts'
import { allowOrigin, answerOptions } from './cors.ts'
import type { AdminDeps } from './deps.ts'
import { allowed, methods } from './endpoint.ts'
import type { Endpoint, Method } from './endpoint.ts'
import { listEndpoints } from './endpoints.ts'
import { parseForm } from './form-body.ts'
import { isForeignWrite, isKnownHost } from './guard.ts'
import { parseJson } from './json-body.ts'
import { logRequests } from './log-requests.ts'

/** Node refuses a longer head of a request: any name that arrives is looked up. */
const maxSegment = 16 * 1024

/** Milliseconds until a request has to be here as a whole. */
const requestTimeout = 60_000

/** The methods whose body means something; it is ignored with any other. */
const writing: ReadonlySet<string> = new Set(['PATCH', 'POST', 'PUT'])

/** The Admin API; the caller listens and closes. */
export function createAdmin(deps: AdminDeps): FastifyInstance {
  const app = Fastify({
    bodyLimit: deps.options.bodyLimit,
    requestTimeout,
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: maxSegment },
    frameworkErrors: (error, request, reply) => {
      // Hooks do not run for what the framework cannot route.
      addHeaders(deps, request, reply)
      answerError(deps, error, request, reply)
    },
  })
  knowMethods(app)
  logRequests(app, (line) => deps.logRequest(line))
  parseBodies(app, deps)
  app.addHook('onRequest', async (request, reply) => refuse(deps, request, reply))
  app.addHook('onSend', async (request, reply) => addHeaders(deps, request, reply))
  app.setErrorHandler((error, request, reply) => answerError(deps, error, request, reply))
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: 'Not found' }))
  for (const endpoint of listEndpoints()) serveEndpoint(app, deps, endpoint)
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
  const readers: Readonly<Record<string, (bytes: Uint8Array) => Body>> = {
    'application/json': (bytes) => ({ kind: 'json', fields: parseJson(bytes, depthLimit) }),
    'application/x-www-form-urlencoded': (bytes) => ({
      kind: 'form',
      fields: parseForm(bytes, depthLimit),
    }),
  }
  app.removeAllContentTypeParsers()
  for (const [type, read] of Object.entries(readers)) {
    app.addContentTypeParser(
      type,
      { parseAs: 'buffer' },
      async (_request: FastifyRequest, bytes: Buffer) => read(bytes),
    )
  }
}

/** Refuses before a byte of the body is read. */
function refuse(
  { options }: AdminDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | undefined {
  const { headers, method, raw } = request
  // Over a unix socket nobody gets in by a name.
  const named = raw.socket.remoteAddress !== undefined
  if (named && !isKnownHost(headers.host, options)) {
    return reply.code(403).send({ message: 'the Host header names another server' })
  }
  if (isForeignWrite(method, headers, options)) {
    return reply.code(403).send({ message: 'another origin may not write' })
  }
  if (request.is404) return reply.code(404).send({ message: 'Not found' })
  if (headerCount(raw.rawHeaders, 'content-type') > 1) {
    return reply.code(400).send({ message: 'Multiple Content-Type headers not allowed' })
  }
  return undefined
}

function headerCount(rawHeaders: readonly string[], name: string): number {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length
}

function addHeaders(deps: AdminDeps, request: FastifyRequest, reply: FastifyReply): void {
  allowOrigin(deps.options, request, reply)
  reply.header('Server', `kong-ts/${deps.info().version}`)
  reply.header('X-Kong-Admin-Latency', String(Math.round(reply.elapsedTime)))
  // Fastify closes when a body is too long; a close with unread bytes is a reset, and the client loses the answer.
  // Left open, Node takes what still comes off the wire, within the time that a request may take.
  reply.removeHeader('connection')
}

function serveEndpoint(app: FastifyInstance, deps: AdminDeps, endpoint: Endpoint): void {
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
      const answer = await handler({
        deps,
        params: paramsOf(request),
        query: new URLSearchParams(request.url.split('?')[1]),
        body: isBody(request.body) ? request.body : noBody,
      })
      return reply.code(answer.status).send(answer.body)
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
