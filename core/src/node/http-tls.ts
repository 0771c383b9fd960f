import { createSecureContext, type TlsOptions } from 'node:tls'
import { loadDefaultCertificates } from '../certificates/default.ts'
import { tlsPolicy } from '../certificates/policy.ts'
import type { CertifiedKey } from '../certificates/self-signed.ts'
import type { Settings } from '../settings/schema.ts'

/** How the Admin API is served over TLS. @throws Error naming the setting that cannot be used */
export async function adminTls(settings: Settings): Promise<TlsOptions> {
  const { prefix, admin_ssl_cert: certs, admin_ssl_cert_key: keys } = settings
  const authorities = settings.admin_ssl_client_certificate
  const { pairs } = await loadDefaultCertificates(prefix, certs, keys, 'admin_ssl_cert')
  return checked({ ...common(settings, pairs), ...askingFor(authorities) })
}

/** How the Status API is served over TLS. @throws as `adminTls` */
export async function statusTls(settings: Settings): Promise<TlsOptions> {
  const { prefix, status_ssl_cert: certs, status_ssl_cert_key: keys } = settings
  const { pairs } = await loadDefaultCertificates(prefix, certs, keys, 'status_ssl_cert')
  return checked({ ...common(settings, pairs), ...askingFor(undefined) })
}

function common(settings: Settings, pairs: readonly CertifiedKey[]): TlsOptions {
  return {
    ...tlsPolicy({
      cipherSuite: settings.ssl_cipher_suite,
      ciphers: settings.ssl_ciphers,
      protocols: settings.ssl_protocols,
    }),
    cert: pairs.map(({ cert }) => cert),
    key: pairs.map(({ key }) => key),
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: settings.tls_handshake_timeout,
  }
}

/** An empty list of authorities, unlike none at all, keeps the system's out. */
function askingFor(authorities: string | undefined): TlsOptions {
  const asked = authorities !== undefined
  return { ca: asked ? [authorities] : [], requestCert: asked, rejectUnauthorized: asked }
}

/** What OpenSSL does not take is to be found before anything is changed. */
function checked(options: TlsOptions): TlsOptions {
  createSecureContext(options)
  return options
}
