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
  Snapshot,
} from '../entities/rows.ts'
import type { Catalogue } from '../plugins/catalogue.ts'
import { termsOf } from '../plugins/conduct.ts'
import type { InstanceHost, PluginInstance } from '../plugins/instance.ts'
import { idOf, type RowChange } from './changes.ts'
import { Pipelines, type Pipeline } from './pipelines.ts'
import { prepareDelta, type Prepared } from './prepare.ts'
import { Scopes } from './scopes.ts'
import { ServedCertificates } from './served-certificates.ts'
import { ServedRoutes } from './served-routes.ts'
import { untilEnded } from './until-ended.ts'

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
  readonly #certificates: ServedCertificates
  readonly #scopes = new Scopes()
  readonly #pipelines: Pipelines
  /** By the row itself: a connection may still hold one that was replaced, and must not answer for its successor. */
  #pipelinesByRoute = new WeakMap<Route, PipelinesOfRoute>()
  #global: Pipeline
  #revision = 0

  constructor(around: Surroundings) {
    this.#around = around
    this.#certificates = new ServedCertificates(around.certificates)
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

  /** By its name or id; one that is disabled is not there. */
  serviceNamed(nameOrId: string): Service | undefined {
    return this.#routes.serviceNamed(nameOrId)
  }

  /** The pool of the upstream that a service names as its host; undefined: it is the name of a host. */
  poolOf({ host }: Service): Pool | undefined {
    return this.#around.pools.named(host)
  }

  /** Those that are enabled and have this host, the oldest first. */
  servicesAt(host: string): readonly Service[] {
    return this.#routes.servicesAt(host)
  }

  /** With its secrets; undefined while one of them cannot be found. */
  certificate(id: string): Certificate | undefined {
    return this.#certificates.certificate(id)
  }

  authority(id: string): CaCertificate | undefined {
    return this.#certificates.authority(id)
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
    const { catalogue, host } = this.#around
    return prepareDelta(delta, {
      catalogue,
      check: (row) => this.#certificates.check(row),
      host,
      authority: (id) => this.#certificates.authority(id)?.cert,
      running: () => [...this.#scopes.all()].map(({ row }) => row),
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
    await untilEnded(instances, milliseconds)
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
        return this.#around.pools.apply(change)
      default:
        return this.#certificates.apply(change)
    }
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
    instance.conduct.follow(termsOf(row))
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
