import type { FastifyRequest } from 'fastify'
import type { Site } from '../../node/listen-http.ts'
import type { AdminOptions } from '../deps.ts'
import { isForeignWrite, isKnownHost, isLoopback, isWrite } from './guard.ts'
import { hasToken } from './token.ts'

/** Why a request is not for us to serve. */
export interface Refusal {
  readonly status: 401 | 403
  readonly message: string
}

/** Looks at the head of a request; its body is unread. */
export type Refuse = (request: FastifyRequest) => Refusal | undefined

/** The Admin API is for whoever has the token, where there is one. */
export function refuseForAdmin(options: AdminOptions, site: Site): Refuse {
  return (request) =>
    refuseHost(request, options, site) ??
    refuseStranger(request, options) ??
    refuseForeignWrite(request, options)
}

/** The Status API is read by everybody; a write needs the token, or has to come from this machine. */
export function refuseForStatus(options: AdminOptions, site: Site): Refuse {
  return (request) =>
    refuseHost(request, options, site) ??
    refuseForeignWrite(request, options) ??
    refuseRemoteWrite(request, options, site)
}

function refuseHost(
  { headers }: FastifyRequest,
  options: AdminOptions,
  { unix }: Site,
): Refusal | undefined {
  // Over a unix socket nobody gets in by a name.
  if (unix || isKnownHost(headers.host, options)) return undefined
  return { status: 403, message: 'the Host header names another server' }
}

function refuseForeignWrite(
  { method, headers, protocol }: FastifyRequest,
  options: AdminOptions,
): Refusal | undefined {
  const foreign = isForeignWrite(method, headers, protocol, options)
  return foreign ? { status: 403, message: 'another origin may not write' } : undefined
}

function refuseStranger(request: FastifyRequest, options: AdminOptions): Refusal | undefined {
  const token = options.token()
  if (token === undefined || isPreflight(request)) return undefined
  return hasToken(request.raw.rawHeaders, token)
    ? undefined
    : { status: 401, message: 'Unauthorized' }
}

/** A browser asks before it sends a token along, and cannot send one with that (WHATWG Fetch, CORS-preflight request). */
function isPreflight({ method, headers }: FastifyRequest): boolean {
  const asks = headers['access-control-request-method'] !== undefined
  return method === 'OPTIONS' && headers.origin !== undefined && asks
}

function refuseRemoteWrite(
  { method, raw }: FastifyRequest,
  options: AdminOptions,
  { unix }: Site,
): Refusal | undefined {
  if (!isWrite(method) || unix || isLoopback(raw.socket.remoteAddress ?? '')) return undefined
  const token = options.token()
  if (token !== undefined && hasToken(raw.rawHeaders, token)) return undefined
  return {
    status: 403,
    message: 'writes are taken from this machine only, or with the admin token where one is set',
  }
}
