import { CertificateTable } from '../../certificates/certificate-table.ts'
import { tlsPolicy } from '../../certificates/policy.ts'
import type { Host, Limits } from '../../connection/host.ts'
import { messageOf } from '../../errors/message-of.ts'
import type { LogTarget } from '../../settings/paths.ts'
import type { Settings } from '../../settings/schema.ts'
import type { Boot } from './boot.ts'
import { LineWriter } from '../logs/line-writer.ts'
import type { ErrorLog } from '../logs/log.ts'

/** What the settings mean for the parts of a worker. */

export function certificateTable({ settings, defaults, ticketSecret }: Boot): CertificateTable {
  return new CertificateTable({
    defaults,
    secret: ticketSecret,
    policy: tlsPolicy({
      cipherSuite: settings.ssl_cipher_suite,
      ciphers: settings.ssl_ciphers,
      protocols: settings.ssl_protocols,
    }),
    sessions: { tickets: settings.ssl_session_tickets, timeout: settings.ssl_session_timeout },
  })
}

export function limits(settings: Settings): Limits {
  return {
    proxyTimeout: settings.proxy_protocol_timeout,
    prereadTimeout: settings.preread_timeout,
    prereadSilence: settings.preread_silence,
    prereadBuffer: settings.preread_buffer_size,
    handshakeTimeout: settings.tls_handshake_timeout,
    maxConnections: settings.max_connections,
    keepAlive: Math.round(settings.tcp_keepalive / 1000),
  }
}

export function clientCertificate({
  client_ssl,
  client_ssl_cert: cert,
  client_ssl_cert_key: key,
}: Settings): Host['clientCertificate'] {
  return client_ssl && cert && key ? { cert, key } : undefined
}

/** The log of connections or of requests. @throws Error that names the setting */
export function openLineLog(
  name: 'access_log' | 'admin_access_log',
  target: LogTarget,
  log: ErrorLog,
): LineWriter {
  try {
    return new LineWriter({
      target,
      dropped: (dropped) => JSON.stringify({ time: new Date().toISOString(), dropped }),
      failed: (error) => log.error({ error: error.message }, `${name} cannot be written`),
    })
  } catch (cause) {
    throw new Error(`${name} cannot be opened: ${messageOf(cause)}`, { cause })
  }
}
