import type { Certificate } from '../entities/rows.ts'
import { messageOf } from '../errors/message-of.ts'
import { type ClientPolicy, digestList, policyKey } from './client-policy.ts'
import { CertificateError, checkKeyPairs } from './key-pairs.ts'
import { type TlsPolicy, tlsPolicy } from './policy.ts'
import type { CertifiedKey } from './self-signed.ts'
import { ServerContext } from './server-context.ts'
import { type SessionOptions, type SessionPolicy, sessionOptions } from './sessions.ts'

/** What every certificate of a table has in common. */
export interface Common {
  readonly policy: TlsPolicy
  readonly sessions: SessionPolicy
  /** Session tickets are derived from it. Replaced by another array when it is rotated. */
  secret: Uint8Array
}

interface Built {
  readonly context: ServerContext
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
   * The context for a policy, made at first use and then kept.
   * @throws CertificateError when the certificate cannot be used; there is no other one to fall back to
   */
  context(policy: ClientPolicy): ServerContext {
    const key = policyKey(policy)
    const { secret } = this.#common
    const known = this.#built.get(key)
    if (known?.secret === secret) return known.context
    const context = this.#build(policy, `${this.id} ${this.#digest} ${key}`)
    this.#keep(key, { context, secret })
    return context
  }

  #build(client: ClientPolicy, scope: string): ServerContext {
    const { clientCertificate, ca, allowPartialChain = false, resumption = true } = client
    const { policy, secret, sessions } = this.#common
    const asked = clientCertificate === 'none' ? noAuthorities : { ca, allowPartialChain }
    const tickets = sessions.tickets && resumption
    const options = sessionOptions(secret, scope, { ...sessions, tickets })
    return contextOf(this.id, this.#pairs, policy, asked, options)
  }

  #keep(key: string, built: Built): void {
    this.#built.delete(key)
    this.#built.set(key, built)
    const [oldest] = this.#built.keys()
    if (this.#built.size > keptContexts && oldest !== undefined) this.#built.delete(oldest)
  }
}

type Authorities = Required<Pick<ClientPolicy, 'ca' | 'allowPartialChain'>>

const noAuthorities: Authorities = { ca: [], allowPartialChain: false }

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
  const sessions = { tickets: true, timeout: 0 }
  const options = sessionOptions(new Uint8Array(16), 'check', sessions)
  // To build it is to check it.
  void contextOf(row.id, pairsOf(row), policy, noAuthorities, options).secureContext
}

function contextOf(
  id: string,
  pairs: readonly CertifiedKey[],
  policy: TlsPolicy,
  { ca, allowPartialChain }: Authorities,
  sessions: SessionOptions,
): ServerContext {
  try {
    if (pairs.length === 0) throw new CertificateError('it does not exist')
    checkKeyPairs(pairs)
  } catch (cause) {
    throw new CertificateError(`certificate ${id} cannot be used: ${messageOf(cause)}`, { cause })
  }
  const cert = pairs.map((pair) => pair.cert)
  const key = pairs.map((pair) => pair.key)
  const trust = { ca, allowPartialTrustChain: allowPartialChain }
  return new ServerContext(id, { ...policy, ...sessions, ...trust, cert, key })
}
