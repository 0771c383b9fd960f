import { createSecureContext, type SecureContext } from 'node:tls'
import type { Certificate } from '../entities/rows.ts'
import { messageOf } from '../errors/message-of.ts'
import { type ClientPolicy, digestList, policyKey } from './client-policy.ts'
import { CertificateError, checkKeyPairs } from './key-pairs.ts'
import { type TlsPolicy, tlsPolicy } from './policy.ts'
import type { CertifiedKey } from './self-signed.ts'
import { type SessionPolicy, sessionOptions } from './sessions.ts'

/** What every certificate of a table has in common. */
export interface Common {
  readonly policy: TlsPolicy
  readonly sessions: SessionPolicy
  /** Session tickets are derived from it. Replaced by another array when it is rotated. */
  secret: Uint8Array
}

interface Built {
  readonly context: SecureContext
  readonly secret: Uint8Array
}

/** Routes change and their old lists of authorities are never asked for again; a context is tens of kilobytes. */
const keptContexts = 64

/** One certificate, or two of different key types, as TLS servers use it. */
export class ServerCertificate {
  /** Of the certificate's row; `default` for the gateway's own. */
  readonly id: string
  readonly #pairs: readonly CertifiedKey[]
  readonly #common: Common
  readonly #digest: string
  readonly #built = new Map<string, Built>()

  constructor(id: string, pairs: readonly CertifiedKey[], common: Common) {
    this.id = id
    this.#pairs = pairs
    this.#common = common
    this.#digest = digestList(pairs.flatMap(({ cert, key }) => [cert, key]))
  }

  /** Whether it was made of the same text. */
  equals(pairs: readonly CertifiedKey[]): boolean {
    return digestList(pairs.flatMap(({ cert, key }) => [cert, key])) === this.#digest
  }

  /**
   * The context for a policy, built at first use (0.2 to 0.4 ms) and then kept.
   * @throws CertificateError when the certificate cannot be used; there is no other one to fall back to
   */
  context(policy: ClientPolicy): SecureContext {
    const key = policyKey(policy)
    const { secret } = this.#common
    const known = this.#built.get(key)
    if (known?.secret === secret) return known.context
    const context = this.#build(policy, `${this.id} ${this.#digest} ${key}`)
    this.#keep(key, { context, secret })
    return context
  }

  #build({ clientCertificate, ca }: ClientPolicy, scope: string): SecureContext {
    const { policy, secret, sessions } = this.#common
    try {
      return buildContext(this.#pairs, policy, {
        // An empty list, unlike none at all, keeps the system's authorities out.
        ca: clientCertificate === 'none' ? [] : [...ca],
        ...sessionOptions(secret, scope, sessions),
      })
    } catch (cause) {
      throw new CertificateError(`certificate ${this.id} cannot be used: ${messageOf(cause)}`, {
        cause,
      })
    }
  }

  #keep(key: string, built: Built): void {
    this.#built.delete(key)
    this.#built.set(key, built)
    const [oldest] = this.#built.keys()
    if (this.#built.size > keptContexts && oldest !== undefined) this.#built.delete(oldest)
  }
}

/** The pairs of a row: the certificate and, if there is one, the alternative. */
export function pairsOf(row: Certificate): readonly CertifiedKey[] {
  const pair = { cert: row.cert, key: row.key }
  if (row.cert_alt === null || row.key_alt === null) return [pair]
  return [pair, { cert: row.cert_alt, key: row.key_alt }]
}

/** @throws CertificateError when no TLS server could be started with the row */
export function checkServerCertificate(
  row: Certificate,
  policy: TlsPolicy = tlsPolicy({ cipherSuite: 'intermediate' }),
): void {
  try {
    buildContext(pairsOf(row), policy, { ca: [] })
  } catch (cause) {
    throw new CertificateError(`certificate ${row.id} cannot be used: ${messageOf(cause)}`, {
      cause,
    })
  }
}

function buildContext(
  pairs: readonly CertifiedKey[],
  policy: TlsPolicy,
  options: Parameters<typeof createSecureContext>[0],
): SecureContext {
  if (pairs.length === 0) throw new CertificateError('it does not exist')
  checkKeyPairs(pairs)
  return createSecureContext({
    ...policy,
    ...options,
    cert: pairs.map(({ cert }) => cert),
    key: pairs.map(({ key }) => key),
  })
}
