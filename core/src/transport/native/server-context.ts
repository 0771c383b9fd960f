import { constants } from 'node:crypto'
import type { ServerContext, ServerContextOptions } from '../transport.ts'
import { splitCiphers } from './split-ciphers.ts'
import type { NativeContext, TlsAddon } from './tls-addon.ts'
import { versionNumbers } from './version-numbers.ts'

const contexts = new WeakMap<ServerContext, NativeContext | undefined>()

/** The addon's context for what a server presents; undefined where it cannot be built: then Node is asked. */
export function serverContext(tls: TlsAddon, from: ServerContext): NativeContext | undefined {
  const known = contexts.get(from)
  if (known !== undefined || contexts.has(from)) return known
  const made = build(tls, from.options)
  contexts.set(from, made)
  return made
}

/** The order is Node's: a security level in the list of ciphers decides which certificates may be used. */
function build(tls: TlsAddon, options: ServerContextOptions): NativeContext | undefined {
  const { suites, ciphers } = splitCiphers(options.ciphers)
  const { minVersion, maxVersion, secureOptions, honorCipherOrder, dhparam } = options
  const flags = secureOptions | (honorCipherOrder ? constants.SSL_OP_CIPHER_SERVER_PREFERENCE : 0)
  const context = tls.context(
    versionNumbers[minVersion],
    versionNumbers[maxVersion],
    flags,
    dhparam === 'auto',
    ciphers,
    suites,
  )
  if (typeof context === 'number') return undefined
  return fill(tls, context, options) ? context : undefined
}

function fill(tls: TlsAddon, context: NativeContext, options: ServerContextOptions): boolean {
  const {
    cert,
    key,
    ca,
    allowPartialTrustChain: partial,
    ticketKeys,
    sessionIdContext,
    sessionTimeout,
  } = options
  return (
    cert.every((chain, index) => tls.present(context, chain, key[index] ?? '') === 0) &&
    ca.every((authorities) => tls.trust(context, authorities, partial) === 0) &&
    tls.resume(context, ticketKeys, sessionIdContext, sessionTimeout) === 0
  )
}
