import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import type { ClientTls } from '../transport.ts'
import { ContextCache } from './context-cache.ts'

const contexts = new ContextCache(contextOf)

/** The context for these options; equal options share one. Throws where certificate and key do not fit. */
export function contextFor(options: ClientTls): SecureContext {
  return contexts.for(options)
}

function contextOf({ ca, certificate, verify }: ClientTls): SecureContext {
  return createSecureContext({
    ...(verify && { ca: ca ? [...ca] : [...systemAuthorities()] }),
    ...(certificate && { cert: certificate.cert, key: certificate.key }),
  })
}

/** The machine's CAs; Node's own list where the machine has none. */
export function systemAuthorities(): readonly string[] {
  const system = getCACertificates('system')
  return system.length > 0 ? system : getCACertificates('default')
}
