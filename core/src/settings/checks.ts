import { createPrivateKey, X509Certificate } from 'node:crypto'
import { closedAdmin } from './closed-admin.ts'
import { bindingOf } from './listen.ts'
import type { Settings } from './schema.ts'

/** What the settings are worth together. Those that did not parse are absent: their problem is known. */
export function checkTogether(settings: Partial<Settings>): readonly string[] {
  return [
    ...closedAdmin(settings),
    ...distinctListeners(settings),
    ...untrusting(settings),
    ...keyPairs('ssl_cert', settings.ssl_cert, settings.ssl_cert_key),
    ...keyPairs('admin_ssl_cert', settings.admin_ssl_cert, settings.admin_ssl_cert_key),
    ...keyPairs('status_ssl_cert', settings.status_ssl_cert, settings.status_ssl_cert_key),
    ...clientPair(settings),
  ]
}

const listening = ['stream_listen', 'admin_listen', 'status_listen'] as const

function distinctListeners(settings: Partial<Settings>): readonly string[] {
  const owners = new Map<string, string>()
  const problems: string[] = []
  for (const name of listening) {
    for (const binding of (settings[name] ?? []).map(bindingOf)) {
      if (binding === undefined) continue
      const owner = owners.get(binding)
      if (owner !== undefined)
        problems.push(`${name}: ${binding} is taken by ${owner}; choose another address or port`)
      owners.set(binding, name)
    }
  }
  return problems
}

/** Anybody could call himself anybody. */
function untrusting({ stream_listen = [], trusted_ips }: Partial<Settings>): readonly string[] {
  if (trusted_ips === undefined || trusted_ips.length > 0) return []
  return stream_listen
    .filter(({ proxyProtocol }) => proxyProtocol)
    .map(
      ({ raw }) =>
        `stream_listen: '${raw}' needs trusted_ips, the addresses that may say who the client is (0.0.0.0/0,::/0 trusts everybody)`,
    )
}

function keyPairs(
  name: string,
  certificates: readonly string[] | undefined,
  keys: readonly string[] | undefined,
): readonly string[] {
  if (certificates === undefined || keys === undefined) return []
  if (certificates.length > 0 && keys.length === 0) return [`${name}_key must be specified`]
  if (keys.length > 0 && certificates.length === 0) return [`${name} must be specified`]
  if (certificates.length !== keys.length) {
    return [
      `${name} was specified ${certificates.length} times while ${name}_key was specified ${keys.length} times`,
    ]
  }
  return certificates.flatMap((pem, index) => pairProblem(name, pem, keys[index] ?? '', index + 1))
}

/** OpenSSL accepts a key that belongs to another certificate, and fails at the first handshake. */
function pairProblem(name: string, pem: string, key: string, position: number): readonly string[] {
  const matches = new X509Certificate(pem).checkPrivateKey(createPrivateKey(key))
  return matches
    ? []
    : [`${name}_key: key ${position} does not belong to certificate ${position} of ${name}`]
}

function clientPair(settings: Partial<Settings>): readonly string[] {
  // A part that did not parse is absent altogether; one that is not set is there, as undefined.
  if (!('client_ssl_cert' in settings) || !('client_ssl_cert_key' in settings)) return []
  const { client_ssl, client_ssl_cert: certificate, client_ssl_cert_key: key } = settings
  if (client_ssl === true && certificate === undefined && key === undefined) {
    return ['client_ssl_cert must be specified', 'client_ssl_cert_key must be specified']
  }
  return keyPairs('client_ssl_cert', listOf(certificate), listOf(key))
}

function listOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [text]
}
