import type { EntitySet } from '../../entities/entity-set.ts'
import type { Upstream } from '../../entities/rows.ts'
import { Secrets } from '../../gateway/secrets.ts'
import type { ClientTls } from '../../transport/transport.ts'

/** Whom probes trust, and as whom they come, unless an upstream has a certificate of its own. */
export interface Trust {
  /** PEM; undefined: the system's authorities. */
  readonly authorities: readonly string[] | undefined
  readonly certificate: ClientTls['certificate']
}

/** As whom the probes of an upstream come; equal answers are the same object, so that contexts are made once. */
export class ProbeIdentity {
  readonly #entities: Pick<EntitySet, 'get' | 'list'>
  readonly #environment: Readonly<Record<string, string | undefined>>
  #trust: Trust
  #known = new WeakMap<Upstream, ClientTls>()

  constructor(
    entities: Pick<EntitySet, 'get' | 'list'>,
    trust: Trust,
    environment: Readonly<Record<string, string | undefined>> = process.env,
  ) {
    this.#entities = entities
    this.#trust = trust
    this.#environment = environment
  }

  of(upstream: Upstream, verify: boolean): ClientTls {
    const known = this.#known.get(upstream)
    if (known) return known
    const { authorities } = this.#trust
    const certificate = this.#certificateOf(upstream)
    const tls: ClientTls = {
      verify,
      ...(authorities && { ca: authorities }),
      ...(certificate && { certificate }),
    }
    this.#known.set(upstream, tls)
    return tls
  }

  trust(trust: Trust): void {
    this.#trust = trust
    this.forget()
  }

  /** Certificates may be others now. */
  forget(): void {
    this.#known = new WeakMap()
  }

  /** A certificate whose secrets are not there is not shown, as on the data path. */
  #certificateOf({ client_certificate: own }: Upstream): ClientTls['certificate'] {
    if (!own) return this.#trust.certificate
    const row = this.#entities.get('certificates', own.id)
    const secrets = new Secrets(this.#environment)
    for (const vault of this.#entities.list('vaults', { size: Infinity }).rows) secrets.put(vault)
    const resolved = row && secrets.resolve(row)
    return resolved && { cert: resolved.cert, key: resolved.key }
  }
}
