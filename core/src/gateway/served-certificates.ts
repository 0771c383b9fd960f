import type { CertificateTable } from '../certificates/certificate-table.ts'
import type { CaCertificate, Certificate, Change, Sni, Vault } from '../entities/rows.ts'
import { applyTo, idOf, type RowChange } from './changes.ts'
import { Secrets } from './secrets.ts'

/** Certificates with the secrets that they refer to, the names that they are served for, and authorities. */
export class ServedCertificates {
  readonly #table: CertificateTable
  readonly #certificates = new Map<string, Certificate>()
  readonly #secrets = new Secrets(process.env)
  readonly #authorities = new Map<string, CaCertificate>()

  /** @param table follows the changes */
  constructor(table: CertificateTable) {
    this.#table = table
  }

  /** With its secrets; undefined while one of them cannot be found. */
  certificate(id: string): Certificate | undefined {
    const row = this.#certificates.get(id)
    return row && this.#secrets.resolve(row)
  }

  authority(id: string): CaCertificate | undefined {
    return this.#authorities.get(id)
  }

  /** @throws when no handshake could be done with it */
  check(row: Certificate): void {
    const whole = this.#secrets.resolve(row)
    if (whole) this.#table.check(whole)
  }

  apply(change: Change): void {
    switch (change.entity) {
      case 'certificates':
        return this.#applyCertificate(change)
      case 'snis':
        return this.#applySni(change)
      case 'ca_certificates':
        return applyTo(this.#authorities, change)
      case 'vaults':
        return this.#applyVault(change)
      default:
        // Kept for the Admin API; no connection asks for it.
        return
    }
  }

  #applyCertificate(change: RowChange<Certificate>): void {
    applyTo(this.#certificates, change)
    const row = change.op === 'put' ? this.#secrets.resolve(change.row) : undefined
    // Without its secrets it is not there: handshakes for its names fail.
    if (row) this.#table.putCertificate(row)
    else this.#table.deleteCertificate(idOf(change))
  }

  /** A certificate may refer to secrets of this vault. */
  #applyVault(change: RowChange<Vault>): void {
    if (change.op === 'put') this.#secrets.put(change.row)
    else this.#secrets.delete(change.id)
    for (const row of this.#certificates.values()) this.#applyCertificate({ op: 'put', row })
  }

  #applySni(change: RowChange<Sni>): void {
    if (change.op === 'put') this.#table.putSni(change.row)
    else this.#table.deleteSni(change.id)
  }
}
