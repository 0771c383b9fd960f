import type { FastifyRequest } from 'fastify'
import type { Site } from '../node/listen-http.ts'
import type { AdminOptions } from './deps.ts'
import { hasToken } from './guard/token.ts'

/**
 * Who asks, for the record of revisions: the address of the other end, or `unix`; `token@` before it when the admin
 * token was asked for and brought.
 */
export function authorOf(
  { raw }: Pick<FastifyRequest, 'raw'>,
  { token: tokenOf }: AdminOptions,
  { unix }: Site,
): string {
  const address = unix ? 'unix' : plain(raw.socket.remoteAddress)
  const token = tokenOf()
  const brought = token !== undefined && hasToken(raw.rawHeaders, token)
  return brought ? `token@${address}` : address
}

/** A socket for both families shows IPv4 inside IPv6 (RFC 4291 section 2.5.5.2). */
function plain(address = 'unknown'): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '')
}
