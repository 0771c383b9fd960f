import { isDeepStrictEqual } from 'node:util'
import type { Endpoint, Protocol } from '@kong-ts/pdk'
import type { Pool } from '../balancing/pool.ts'
import type { Pools } from '../balancing/pools.ts'
import type { CertificateTable } from '../certificates/certificate-table.ts'
import { everyRow } from '../entities/differences.ts'
import type {
  CaCertificate,
  Certificate,
  Change,
  Delta,
  PluginRow,
  Route,
  Service,
  Sni,
  Snapshot,
  Vault,
} from '../entities/rows.ts'
import type { Catalogue } from '../plugins/catalogue.ts'
import type { InstanceHost, PluginInstance } from '../plugins/instance.ts'
import { applyTo, idOf, type RowChange } from './changes.ts'
import { Pipelines, type Pipeline } from './pipelines.ts'
import { prepareDelta, type Prepared } from './prepare.ts'
import { Scopes } from './scopes.ts'
import { Secrets } from './secrets.ts'
import { ServedRoutes } from './served-routes.ts'

/** What a configuration is made with; it stays the same over all revisions. */
export interface Surroundings {
  readonly certificates: CertificateTable
  readonly catalogue: Catalogue
  readonly pools: Pools
  readonly host: InstanceHost
  /** Milliseconds that a phase of a plugin may take. */
  readonly pluginTimeout: number
}

type PipelinesOfRoute = { -readonly [P in Protocol]?: Pipeline }

/**
 * The configuration that a worker serves. A change is prepared beside it (certificates checked, plugins set up)
 * and then swapped in at once, between two connections, in time proportional to the change. What a connection
 * holds on to (its rows and its pipeline) is immutable, so it ends under what it began with.
 */
export class Configuration {
  readonly #around: Surroundings
  readonly #routes = new ServedRoutes()
  readonly #certificates = new Map<string, Certificate>()
  readonly #secrets = new Secrets(process.env)
  readonly #authorities = new Map<string, CaCertificate>()
  readonly #scopes = new Scopes()
  readonly #pipelines: Pipelines
  /** By the row itself: a connection may still hold one that was replaced, and must not answer for its successor. */
  #pipelinesByRoute = new WeakMap<Route, PipelinesOfRoute>()
  #global: Pipeline
  #revision = 0

  constructor(around: Surroundings) {
    this.#around = around
    this.#pipelines = new Pipelines(around.pluginTimeout)
    this.#global = this.#pipelines.of([])
  }

  get revision(): number {
    return this.#revision
  }

  get tls(): CertificateTable {
    return this.#around.certificates
  }

  /** The pipeline of connections that are not routed yet, or never will be. */
  get global(): Pipeline {
    return this.#global
  }

  /** What the addresses alone leave possible. */
  candidates(source: Endpoint, destination: Endpoint): { plain: Route | undefined; tls: boolean } {
    return this.#routes.candidates(source, destination)
  }

  matchTls(
    source: Endpoint,
    destination: Endpoint,
    serverName: string | undefined,
  ): Route | undefined {
    return this.#routes.matchTls(source, destination, serverName)
  }

  serviceOf(route: Route): Service | undefined {
    return this.#routes.serviceOf(route)
  }

  /** The pool of the upstream that a service names as its host; undefined: it is the name of a host. */
  poolOf({ host }: Service): Pool | undefined {
    return this.#around.pools.named(host)
  }

  /** With its secrets; undefined while one of them cannot be found. */
  certificate(id: string): Certificate | undefined {
    const row = this.#certificates.get(id)
    return row && this.#secrets.resolve(row)
  }

  authority(id: string): CaCertificate | undefined {
    return this.#authorities.get(id)
  }

  pipelineFor(route: Route, protocol: Protocol): Pipeline {
    let known = this.#pipelinesByRoute.get(route)
    if (!known) this.#pipelinesByRoute.set(route, (known = {}))
    return (known[protocol] ??= this.#pipelines.of(this.#scopes.on(route, protocol)))
  }

  /** @throws when the snapshot cannot be served: a plugin that is not there or whose setup fails, a broken certificate */
  async load({ revision, rows }: Snapshot): Promise<void> {
    this.swap(await this.prepare({ base: 0, revision, changes: everyRow(rows) }))
  }

  /** Builds what a change needs without touching what is served. @throws as `load` does; nothing is left behind */
  prepare(delta: Delta): Promise<Prepared> {
    const { catalogue, certificates, host } = this.#around
    return prepareDelta(delta, {
      catalogue,
      check: (row) => {
        const whole = this.#secrets.resolve(row)
        if (whole) certificates.check(whole)
      },
      host,
      unchanged: (row) => this.#unchanged(row),
    })
  }

  /** Serves a prepared change from now on. */
  swap({ delta, instances }: Prepared): void {
    const moved = new Set<string>()
    const gone = new Set<PluginInstance>()
    for (const change of delta.changes) this.#apply(change, instances, moved, gone)
    for (const id of moved) this.#routes.place(id)
    this.#renewPipelines(delta)
    for (const instance of gone) this.#end(instance)
    this.#revision = delta.revision
  }

  /** Ends what `prepare` has set up. */
  discard({ instances }: Prepared): void {
    for (const instance of instances.values()) instance.release()
  }

  /** Ends every instance and waits for the teardowns; one that a connection still holds keeps `milliseconds`. */
  async close(milliseconds: number): Promise<void> {
    const instances = [...this.#scopes.all()].map(({ row, instance }) => {
      this.#scopes.delete(row.id)
      return instance
    })
    this.#pipelinesByRoute = new WeakMap()
    this.#global = this.#pipelines.of([])
    for (const instance of instances) this.#end(instance)
    this.#around.pools.close()
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, milliseconds)
    await Promise.race([Promise.all(instances.map(({ ended }) => ended)), late])
    clearTimeout(timer)
  }

  #unchanged({ id, name, config }: PluginRow): boolean {
    const placed = this.#scopes.get(id)
    return placed?.row.name === name && isDeepStrictEqual(placed.row.config, config)
  }

  #apply(
    change: Change,
    instances: ReadonlyMap<string, PluginInstance>,
    moved: Set<string>,
    gone: Set<PluginInstance>,
  ): void {
    switch (change.entity) {
      case 'services':
        for (const route of this.#routes.applyService(change)) moved.add(route)
        return
      case 'routes':
        this.#routes.applyRoute(change)
        moved.add(idOf(change))
        return
      case 'plugins':
        return this.#applyPlugin(change, instances, gone)
      case 'upstreams':
      case 'targets':
        return this.#applyToPools(change)
      default:
        return this.#applyToTls(change)
    }
  }

  #applyToPools(change: Change<'upstreams' | 'targets'>): void {
    const { pools } = this.#around
    if (change.entity === 'upstreams') {
      if (change.op === 'put') pools.putUpstream(change.row)
      else pools.deleteUpstream(change.id)
    } else if (change.op === 'put') pools.putTarget(change.row)
    else pools.deleteTarget(change.id)
  }

  #applyToTls(change: Change): void {
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
    if (row) this.tls.putCertificate(row)
    else this.tls.deleteCertificate(idOf(change))
  }

  /** A certificate may refer to secrets of this vault. */
  #applyVault(change: RowChange<Vault>): void {
    if (change.op === 'put') this.#secrets.put(change.row)
    else this.#secrets.delete(change.id)
    for (const row of this.#certificates.values()) this.#applyCertificate({ op: 'put', row })
  }

  #applySni(change: RowChange<Sni>): void {
    if (change.op === 'put') this.tls.putSni(change.row)
    else this.tls.deleteSni(change.id)
  }

  #applyPlugin(
    change: RowChange<PluginRow>,
    instances: ReadonlyMap<string, PluginInstance>,
    gone: Set<PluginInstance>,
  ): void {
    const before = this.#scopes.delete(idOf(change))?.instance
    if (before) gone.add(before)
    if (change.op === 'delete' || !change.row.enabled) return
    const { row } = change
    const instance = instances.get(row.id) ?? before
    if (!instance) throw new Error(`plugin ${row.name} (${row.id}) was swapped in unprepared`)
    gone.delete(instance)
    this.#scopes.put({ row, instance })
  }

  /** A route that changed is another row; only a change of plugins leaves a known row with an old pipeline. */
  #renewPipelines({ changes }: Delta): void {
    if (!changes.some(({ entity }) => entity === 'plugins')) return
    this.#pipelinesByRoute = new WeakMap()
    this.#global = this.#pipelines.of(this.#scopes.global())
  }

  /** The configuration lets go of an instance; connections that run in it keep it until they end. */
  #end(instance: PluginInstance): void {
    this.#pipelines.retire(instance)
    instance.release()
  }
}
