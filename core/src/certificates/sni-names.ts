import type { Sni } from '../entities/rows.ts'

/** Which certificate belongs to a server name. Case does not matter, nor does a dot at the end. */
export class SniNames {
  readonly #byName = new Map<string, { readonly sni: string; readonly certificate: string }>()
  readonly #nameOf = new Map<string, string>()

  put(row: Sni): void {
    this.delete(row.id)
    const name = fold(row.name)
    this.#nameOf.set(row.id, name)
    this.#byName.set(name, { sni: row.id, certificate: row.certificate.id })
  }

  delete(id: string): void {
    const name = this.#nameOf.get(id)
    if (name === undefined) return
    this.#nameOf.delete(id)
    // Two rows may exchange their names in one change: the name may belong to the other one by now.
    if (this.#byName.get(name)?.sni === id) this.#byName.delete(name)
  }

  /**
   * The certificate's id: the name itself, `*.rest` (names of three labels and more, one label deep), `name.*`
   * (the last label replaced), `*`.
   */
  find(serverName: string): string | undefined {
    const name = fold(serverName)
    const first = name.indexOf('.')
    const last = name.lastIndexOf('.')
    return (
      this.#get(name) ??
      (first < last ? this.#get(`*${name.slice(first)}`) : undefined) ??
      (last > 0 ? this.#get(`${name.slice(0, last)}.*`) : undefined) ??
      this.#get('*')
    )
  }

  #get(name: string): string | undefined {
    return this.#byName.get(name)?.certificate
  }
}

function fold(name: string): string {
  const lower = name.toLowerCase()
  return lower.endsWith('.') ? lower.slice(0, -1) : lower
}
