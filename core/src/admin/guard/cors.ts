import type { FastifyReply, FastifyRequest } from 'fastify'
import { isOwnOrigin } from './guard.ts'
import type { AdminOptions } from '../deps.ts'

/**
 * Lets pages of our own origins read an answer, whatever it is; pages of others are told nothing. Credentials may
 * be sent, so the origin is named and never `*` (WHATWG Fetch, CORS protocol and credentials).
 */
export function allowOrigin(
  options: AdminOptions,
  { headers: { origin } }: FastifyRequest,
  reply: FastifyReply,
): void {
  // Answers differ by the origin that asks: also those to whoever names none.
  reply.header('Vary', 'Origin')
  if (origin === undefined || !isOwnOrigin(origin, options)) return
  reply.header('Access-Control-Allow-Origin', origin)
  reply.header('Access-Control-Allow-Credentials', 'true')
  reply.header('Access-Control-Expose-Headers', 'ETag')
}

/** Answers OPTIONS, which a browser also sends as a preflight. A client that is no page names no origin. */
export function answerOptions(
  options: AdminOptions,
  { headers }: FastifyRequest,
  reply: FastifyReply,
  allow: string,
): FastifyReply {
  const { origin } = headers
  reply.code(204).header('Allow', allow)
  if (origin === undefined || isOwnOrigin(origin, options)) {
    const asked = headers['access-control-request-headers']
    reply.header('Access-Control-Allow-Methods', allow)
    reply.header('Access-Control-Allow-Headers', asked ?? 'Content-Type')
  }
  return reply.send()
}
