import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

/** The name that clients ask for, which the loopback has on every machine. */
export const serverName = 'localhost'

/** What clients offer, and nothing else: so every proxy does the same work. */
export const tlsOffer = {
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  group: 'X25519',
} as const

/** One certificate for all, as files. */
export interface Identity {
  readonly certificate: string
  readonly key: string
  /** Certificate and key in one file. */
  readonly both: string
  /** A configuration of OpenSSL that makes its clients offer `tlsOffer` only. */
  readonly clientConfiguration: string
}

const clientConfiguration = `openssl_conf = all
[all]
ssl_conf = tls
[tls]
system_default = clients
[clients]
MinProtocol = ${tlsOffer.protocol}
Ciphersuites = ${tlsOffer.cipher}
Groups = ${tlsOffer.group}
`

/** Makes a certificate on the curve P-256 for `serverName`; throws with what openssl says. */
export function makeIdentity(folder: string): Identity {
  const identity = {
    certificate: `${folder}/certificate.pem`,
    key: `${folder}/key.pem`,
    both: `${folder}/both.pem`,
    clientConfiguration: `${folder}/clients.cnf`,
  }
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const name = ['-subj', `/CN=${serverName}`, '-addext', `subjectAltName=DNS:${serverName}`]
  const files = ['-keyout', identity.key, '-out', identity.certificate]
  const made = spawnSync('openssl', ['req', '-x509', '-days', '30', ...curve, ...name, ...files])
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${String(made.stderr)}`)
  const parts = [identity.certificate, identity.key].map((file) => readFileSync(file))
  writeFileSync(identity.both, Buffer.concat(parts))
  writeFileSync(identity.clientConfiguration, clientConfiguration)
  return identity
}
