import type { FastifyReply, FastifyRequest } from 'fastify'
import { EntityError } from '../errors/entity-error.ts'
import type { AdminDeps } from './deps.ts'
import { HttpError } from './http-error.ts'

/** What the framework's own refusals say; the rest of them keep their status and reason. */
const refusals: Readonly<Record<number, object>> = {
  413: { message: 'Payload too large' },
  415: {},
}

/** Answers an error as Kong does; what nobody expected is logged with its cause and not shown. */
export function answerError(
  { log }: AdminDeps,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const known = knownAnswer(error)
  if (error instanceof EntityError && error.code === 8) {
    log.error({ error: error.message, method: request.method }, 'a change could not be stored')
  }
  if (known !== undefined) return reply.code(known.status).send(known.body)
  const path = request.routeOptions.url ?? 'an unknown path'
  log.error({ err: error, method: request.method, path }, 'a request to the Admin API failed')
  return reply.code(500).send({ message: 'An unexpected error occurred' })
}

function knownAnswer(error: unknown): { status: number; body: object } | undefined {
  if (error instanceof HttpError) return { status: error.status, body: { message: error.message } }
  if (error instanceof EntityError) return entityAnswer(error)
  const status = error instanceof Error ? statusOf(error) : undefined
  return status === undefined
    ? undefined
    : { status, body: refusals[status] ?? { message: 'Bad request' } }
}

function entityAnswer(error: EntityError): { status: number; body: object } | undefined {
  // That the database is away is for the caller to know; other faults of the gateway are not shown.
  if (error.status >= 500 && error.code !== 8) return undefined
  if (error.code === 6) return { status: 404, body: { message: 'Not found' } }
  return { status: error.status, body: error.body() }
}

/** The framework marks what is the client's fault with a code of its own and a status below 500. */
function statusOf(error: Error): number | undefined {
  const code: unknown = Reflect.get(error, 'code')
  const status: unknown = Reflect.get(error, 'statusCode')
  const own = typeof code === 'string' && code.startsWith('FST_')
  return own && typeof status === 'number' && status >= 400 && status < 500 ? status : undefined
}
