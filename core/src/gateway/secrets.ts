import type { Certificate, Vault } from '../entities/rows.ts'
import { readVaultReference } from '../entities/vault-reference.ts'
import type { VaultReference } from '../entities/vault-reference.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Looks up the secrets that certificates refer to; the one kind of vault is the environment of the process. */
export class Secrets {
  readonly #environment: Environment
  readonly #vaults = new Map<string, Vault>()

  constructor(environment: Environment) {
    this.#environment = environment
  }

  put(vault: Vault): void {
    this.#vaults.set(vault.id, vault)
  }

  delete(id: string): void {
    this.#vaults.delete(id)
  }

  /** A certificate with its secrets in place of the references. Undefined while one of them cannot be found. */
  resolve(row: Certificate): Certificate | undefined {
    const cert = this.#textOf(row.cert)
    const key = this.#textOf(row.key)
    const certAlt = row.cert_alt === null ? null : this.#textOf(row.cert_alt)
    const keyAlt = row.key_alt === null ? null : this.#textOf(row.key_alt)
    const found = cert !== undefined && key !== undefined
    if (!found || certAlt === undefined || keyAlt === undefined) return undefined
    return { ...row, cert, key, cert_alt: certAlt, key_alt: keyAlt }
  }

  #textOf(text: string): string | undefined {
    const reference = readVaultReference(text)
    return reference ? this.#look(reference) : text
  }

  #look({ vault, secret, member }: VaultReference): string | undefined {
    const prefix = this.#prefixOf(vault)
    if (prefix === undefined) return undefined
    const name = `${prefix}${secret}`.replaceAll('-', '_').toUpperCase()
    const value = this.#environment[name]
    return value === undefined || member === undefined ? value : memberOf(value, member)
  }

  /** What the names of the variables begin with; undefined when there is no such vault. */
  #prefixOf(vault: string): string | undefined {
    const configured = [...this.#vaults.values()].find(({ prefix }) => prefix === vault)
    if (!configured) return vault === 'env' ? '' : undefined
    const begin = configured.config?.['prefix']
    return typeof begin === 'string' ? begin : ''
  }
}

function memberOf(json: string, member: string): string | undefined {
  try {
    const value: unknown = Object.entries(JSON.parse(json)).find(([name]) => name === member)?.[1]
    return typeof value === 'string' ? value : undefined
  } catch {
    // A secret that is no JSON has no members; what it is must not be told.
    return undefined
  }
}
