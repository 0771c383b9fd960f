import { DEFAULT_CIPHERS } from 'node:tls'
import { ContextCache } from '../portable/context-cache.ts'
import { systemAuthorities } from '../portable/upstream-context.ts'
import type { ClientTls } from '../transport.ts'
import { splitCiphers } from './split-ciphers.ts'
import type { NativeContext, TlsAddon } from './tls-addon.ts'
import { versionNumbers } from './version-numbers.ts'

const caches = new WeakMap<TlsAddon, ContextCache<NativeContext | undefined>>()

/** The addon's context for a connection to an upstream; undefined where it cannot be built: then Node is asked. */
export function clientContext(tls: TlsAddon, options: ClientTls): NativeContext | undefined {
  const cache = caches.get(tls) ?? new ContextCache((wanted) => build(tls, wanted))
  caches.set(tls, cache)
  return cache.for(options)
}

/** With Node's defaults, as `tls.createSecureContext` has them. */
function build(tls: TlsAddon, options: ClientTls): NativeContext | undefined {
  const { suites, ciphers } = splitCiphers(DEFAULT_CIPHERS)
  const { 'TLSv1.2': oldest, 'TLSv1.3': newest } = versionNumbers
  const context = tls.context(oldest, newest, 0, false, ciphers, suites)
  if (typeof context === 'number') return undefined
  return fill(tls, context, options) ? context : undefined
}

function fill(tls: TlsAddon, context: NativeContext, options: ClientTls): boolean {
  const { ca, certificate, verify } = options
  const authorities = verify ? (ca ?? systemAuthorities()) : []
  return (
    (certificate === undefined || tls.present(context, certificate.cert, certificate.key) === 0) &&
    authorities.every((pem) => tls.trust(context, pem, false) === 0)
  )
}
