import { isIPv4 } from 'node:net'
import type { Listen } from './listen.ts'
import type { Settings } from './schema.ts'

/**
 * Whoever reaches the Admin API owns the gateway: fail closed. Of settings that did not parse, and are absent, nothing
 * is said: their problem is known.
 */
export function closedAdmin(settings: Partial<Settings>): readonly string[] {
  const { admin_listen = [], admin_insecure } = settings
  if (admin_insecure !== false || !('admin_token' in settings) || settings.admin_token) return []
  return admin_listen
    .filter((listen) => !isLocal(listen) && !asksForCertificate(listen, settings))
    .map(
      ({ raw }) =>
        `admin_listen: '${raw}' can be reached by other machines, and whoever reaches the Admin API owns the gateway` +
        ' (listen on 127.0.0.1, [::1], localhost or unix:PATH; or give the address the flag ssl and set' +
        ' admin_ssl_client_certificate; or set admin_token; or set admin_insecure = on)',
    )
}

/** What an operator should know about who may use the Admin API. */
export function adminWarnings(settings: Settings): readonly string[] {
  const { admin_listen, admin_token, admin_ssl_client_certificate } = settings
  const clear = admin_listen.filter((listen) => !listen.ssl && !isLocal(listen))
  return [
    ...(admin_token === undefined ? [] : clear).map(
      ({ raw }) =>
        `admin_listen: admin_token travels in clear over '${raw}'; give that address the flag ssl`,
    ),
    ...(admin_ssl_client_certificate !== undefined && !admin_listen.some(({ ssl }) => ssl)
      ? ['admin_ssl_client_certificate is ignored: no address of admin_listen has the flag ssl']
      : []),
  ]
}

function asksForCertificate({ ssl }: Listen, settings: Partial<Settings>): boolean {
  if (!ssl) return false
  const parsed = 'admin_ssl_client_certificate' in settings
  return !parsed || settings.admin_ssl_client_certificate !== undefined
}

function isLocal({ address, path }: Listen): boolean {
  if (path !== undefined || address === 'localhost' || address === '::1') return true
  const four = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
  return isIPv4(four) && four.startsWith('127.')
}
