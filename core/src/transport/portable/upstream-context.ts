import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import type { ClientTls } from '../transport.ts'

/** A context costs a fraction of a millisecond, with the system's CAs several; so many are kept. */
const capacity = 256

const byOptions = new WeakMap<ClientTls, SecureContext>()
const byContent = new Map<string, SecureContext>()

/** The context for these options; equal options share one. Throws where certificate and key do not fit. */
export function contextFor(options: ClientTls): SecureContext {
  const known = byOptions.get(options)
  if (known) return known
  const context = contextOf(options)
  byOptions.set(options, context)
  return context
}

function contextOf(options: ClientTls): SecureContext {
  const { ca, certificate, verify } = options
  const key = JSON.stringify([verify, ca, certificate?.cert, certificate?.key])
  const known = byContent.get(key)
  // Re-inserting makes the map an order of use, so that the first key is the one to drop.
  byContent.delete(key)
  const context =
    known ??
    createSecureContext({
      ...(verify && { ca: ca ? [...ca] : systemAuthorities() }),
      ...(certificate && { cert: certificate.cert, key: certificate.key }),
    })
  byContent.set(key, context)
  dropOldest()
  return context
}

function dropOldest(): void {
  const oldest = byContent.size > capacity ? byContent.keys().next().value : undefined
  if (oldest !== undefined) byContent.delete(oldest)
}

/** The machine's CAs; Node's own list where the machine has none. */
function systemAuthorities(): string[] {
  const system = getCACertificates('system')
  return system.length > 0 ? system : getCACertificates('default')
}
