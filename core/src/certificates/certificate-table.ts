import type { Certificate, Sni } from '../entities/rows.ts'
import type { TlsPolicy } from './policy.ts'
import type { CertifiedKey } from './self-signed.ts'
import {
  checkServerCertificate,
  type Common,
  pairsOf,
  ServerCertificate,
} from './server-certificate.ts'
import type { SessionPolicy } from './sessions.ts'
import { SniNames } from './sni-names.ts'

export { checkServerCertificate, type ServerCertificate } from './server-certificate.ts'

export interface CertificateTableOptions {
  /** Served where no SNI matches; at most one pair per type of key. */
  readonly defaults: readonly CertifiedKey[]
  readonly policy: TlsPolicy
  /** Random, the same in every worker: session tickets are derived from it. */
  readonly secret: Uint8Array
  /** Default: tickets, valid for a day. */
  readonly sessions?: SessionPolicy
}

const daily: SessionPolicy = { tickets: true, timeout: 86_400_000 }

/**
 * The certificates by server name, changed in place. Whoever holds a context keeps it: a change concerns future
 * handshakes only.
 */
export class CertificateTable {
  readonly #common: Common
  readonly #default: ServerCertificate
  readonly #certificates = new Map<string, ServerCertificate>()
  readonly #names = new SniNames()

  constructor({ defaults, policy, secret, sessions = daily }: CertificateTableOptions) {
    this.#common = { policy, sessions, secret: copySecret(secret) }
    this.#default = new ServerCertificate('default', defaults, this.#common)
  }

  /** @throws CertificateError when no handshake could be done with the row under the policy of this table */
  check(row: Certificate): void {
    checkServerCertificate(row, this.#common.policy)
  }

  /** Adds or replaces; contexts are kept when only something else in the row has changed. */
  putCertificate(row: Certificate): void {
    const pairs = pairsOf(row)
    if (this.#certificates.get(row.id)?.equals(pairs)) return
    this.#certificates.set(row.id, new ServerCertificate(row.id, pairs, this.#common))
  }

  deleteCertificate(id: string): void {
    this.#certificates.delete(id)
  }

  /** The certificate may arrive later, or never: then `context` throws for this name. */
  putSni(row: Sni): void {
    this.#names.put(row)
  }

  deleteSni(id: string): void {
    this.#names.delete(id)
  }

  /** The certificate for the name that a client asks for; the default one when there is none, or no name. */
  select(serverName: string | undefined): ServerCertificate {
    const id = serverName ? this.#names.find(serverName) : undefined
    if (id === undefined) return this.#default
    return this.#certificates.get(id) ?? new ServerCertificate(id, [], this.#common)
  }

  /**
   * New ticket keys for future handshakes. Clients with older tickets get a full handshake; each certificate's
   * contexts are built again at their next use.
   */
  rotate(secret: Uint8Array): void {
    this.#common.secret = copySecret(secret)
  }
}

/** @throws RangeError for a secret that could be guessed */
function copySecret(secret: Uint8Array): Uint8Array {
  if (secret.length < 16) throw new RangeError('the ticket secret has less than 16 bytes')
  return Uint8Array.from(secret)
}
