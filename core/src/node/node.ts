import { randomBytes, randomUUID } from 'node:crypto'
import type { Endpoint } from '@kong-ts/pdk'
import type { Names } from '../balancing/names.ts'
import type { PlanContext } from '../entities/context.ts'
import { EntitySet } from '../entities/entity-set.ts'
import type { Plan } from '../entities/plan.ts'
import { loadCatalogue, type Catalogue } from '../plugins/catalogue.ts'
import type { LogLevelName } from '../settings/log-levels.ts'
import type { Settings } from '../settings/schema.ts'
import type { History } from '../store/history.ts'
import type { Store, StoreHealth } from '../store/store.ts'
import { awayWarning } from './away-warning.ts'
import { prepareBoot, type Boot } from './workers/boot.ts'
import { descriptorWarning } from './descriptor-limit.ts'
import { Fleet } from './workers/fleet.ts'
import { Follower, type Behind } from './configuration/follower.ts'
import { NodeHealth } from './health/node-health.ts'
import type { Trust } from './health/probe-identity.ts'
import { KitDesk } from './kit/kit-desk.ts'
import { Listeners } from './workers/listeners.ts'
import type { ErrorLog } from './logs/log.ts'
import { Figures } from './metrics/figures.ts'
import { makeWorkers, type WorkersFor } from './workers/make-workers.ts'
import { LoadsLedger } from './upstreams/loads-ledger.ts'
import { QueueLedger } from './upstreams/queue-ledger.ts'
import { together } from './upstreams/upstreams.ts'
import { clientCertificate } from './workers/worker-parts.ts'
import type { Traffic } from './workers/worker-link.ts'
import { Writer } from './configuration/writer.ts'

export interface NodeOptions {
  readonly settings: Settings
  /** Where plugins named by a relative path are looked for. */
  readonly cwd: string
  readonly store: Store
  readonly log: ErrorLog
  readonly names: Names
}

interface NodeParts {
  readonly cwd: string
  readonly ticketSecret: Uint8Array
  readonly entities: EntitySet
  readonly listeners: Listeners
  readonly workersFor: WorkersFor
  readonly fleet: Fleet
  readonly writer: Writer
  readonly store: Store
  /** Where other nodes write to the same store. */
  readonly follower: Follower | undefined
  readonly catalogue: Catalogue
  readonly health: NodeHealth
  readonly kit: KitDesk
  readonly figures: Figures
  readonly warnings: readonly string[]
}

/** Milliseconds after which session tickets get new keys: who learns one reads a day's sessions, not a year's. */
const ticketsLast = 86_400_000

/** Milliseconds between removals of what plugins have counted and has expired. */
const sweepEvery = 60_000

function newSecret(): Uint8Array {
  return randomBytes(32)
}

/** The supervisor: the configuration, the listening sockets and the workers of one node. */
export class Node {
  readonly id = randomUUID()
  /** The plugins that can be enabled, for the checks of entities. */
  readonly plugins: PlanContext['plugins'] = {
    find: (name) => this.#catalogue.find(name),
    names: () => this.#catalogue.names(),
  }
  readonly #parts: NodeParts
  readonly #renewal: NodeJS.Timeout
  readonly #sweeping: NodeJS.Timeout
  #catalogue: Catalogue

  private constructor(parts: NodeParts) {
    this.#parts = parts
    this.#catalogue = parts.catalogue
    this.#renewal = setInterval(() => parts.fleet.renewTickets(newSecret()), ticketsLast).unref()
    this.#sweeping = setInterval(() => void parts.kit.sweep(), sweepEvery).unref()
  }

  /** Resolves once every worker takes traffic. @throws with one clear line when that cannot be */
  static async start({ settings, cwd, store, log, names }: NodeOptions): Promise<Node> {
    const ticketSecret = newSecret()
    const slots = settings.worker_processes
    const [catalogue, snapshot, { boot, warnings }] = await Promise.all([
      loadCatalogue(settings.plugins, { cwd }),
      store.load(),
      prepareBoot(settings, { cwd, ticketSecret }),
    ])
    const entities = EntitySet.from(snapshot)
    const listeners = await Listeners.bind(settings.stream_listen, slots)
    const health = new NodeHealth({ entities, names, trust: trustOf(boot), log })
    const upstreams = together(new LoadsLedger(), health, new QueueLedger())
    const kit = new KitDesk({ numbers: store.numbers, clock: Date, log })
    const figures = new Figures(log)
    const workersFor = makeWorkers(slots, log, upstreams, kit, figures)
    const make = workersFor(boot, listeners.bound)
    const fleet = new Fleet({
      slots,
      make,
      snapshot: () => entities.snapshot(),
      log,
      swapped: (delta) => [upstreams, kit, figures].forEach((part) => part.follow(delta)),
    })
    try {
      await fleet.start()
    } catch (error) {
      listeners.close()
      health.close()
      throw error
    }
    const { shared } = store
    const away = awayWarning(snapshot, shared?.health)
    const follower = shared && new Follower({ entities, shared, fleet, log })
    return new Node({
      cwd,
      ticketSecret,
      entities,
      listeners,
      workersFor,
      fleet,
      writer: new Writer(entities, store, fleet, follower),
      store,
      follower,
      catalogue,
      health,
      kit,
      figures,
      warnings: [...warnings, ...away, ...descriptorWarning(settings.max_connections)],
    })
  }

  get entities(): EntitySet {
    return this.#parts.entities
  }

  /** The plugins that can be enabled. */
  get catalogue(): Catalogue {
    return this.#catalogue
  }

  /** What is known of the upstreams. */
  get health(): NodeHealth {
    return this.#parts.health
  }

  /** What the plugins of the workers have counted, and how they behave. */
  get figures(): Figures {
    return this.#parts.figures
  }

  /** Of the stream listeners, as bound. */
  get addresses(): readonly Endpoint[] {
    return this.#parts.listeners.addresses
  }

  /** What an operator should know about the start. */
  get warnings(): readonly string[] {
    return this.#parts.warnings
  }

  get traffic(): Traffic {
    return this.#parts.fleet.traffic
  }

  /** Bytes of JavaScript objects in each worker that takes traffic; by process id. */
  get heaps(): Fleet['heaps'] {
    return this.#parts.fleet.heaps
  }

  /** Of the workers that take traffic. */
  get pids(): readonly number[] {
    return this.#parts.fleet.pids
  }

  /** Of the store, as it was last seen. */
  get database(): StoreHealth {
    return this.#parts.store.shared?.health ?? { reachable: true }
  }

  /** When the stored configuration is another one than the one that is served: how far, and why. */
  get behind(): Behind | undefined {
    return this.#parts.follower?.behind
  }

  /** What has changed, where the store remembers it. */
  get history(): History | undefined {
    return this.#parts.store.history
  }

  /** @param author whose change it is, for the record of revisions */
  write<R>(plan: (set: EntitySet) => Plan<R>, author?: string): Promise<R> {
    return this.#parts.writer.write(plan, author)
  }

  /**
   * Serves with other settings: new workers take over the sockets, old ones drain; live connections go on.
   * @returns what an operator should know about it
   * @throws when that cannot be; then everything stays as it was
   */
  reload(settings: Settings): Promise<readonly string[]> {
    const { fleet, listeners, workersFor, follower, health, cwd, ticketSecret } = this.#parts
    return fleet.exclusively(async () => {
      const catalogue = await loadCatalogue(settings.plugins, { cwd })
      const { boot, warnings } = await prepareBoot(settings, { cwd, ticketSecret })
      const rebinding = await listeners.rebind(settings.stream_listen)
      try {
        await fleet.replace(workersFor(boot, rebinding.bound), settings.drain_timeout)
      } catch (error) {
        rebinding.revert()
        throw error
      }
      rebinding.commit()
      health.trust(trustOf(boot))
      this.#catalogue = catalogue
      // What could not be served may be with other plugins.
      if (follower?.behind) follower.follow()
      return [...warnings, ...rebinding.warnings, ...descriptorWarning(settings.max_connections)]
    })
  }

  reopenLogs(): void {
    this.#parts.fleet.reopenLogs()
  }

  /** The least level that the workers log, also those to come. */
  setLogLevel(level: LogLevelName): void {
    this.#parts.fleet.setLogLevel(level)
  }

  /**
   * Stops accepting and ends the workers once their connections have ended, after so many milliseconds at the
   * latest. May be called again with less patience.
   */
  async stop(milliseconds: number): Promise<void> {
    const { fleet, listeners, health } = this.#parts
    clearInterval(this.#renewal)
    clearInterval(this.#sweeping)
    // The workers have descriptors of their own; without ours, what they close is closed.
    listeners.close()
    await fleet.drain(milliseconds)
    health.close()
  }
}

/** Probes trust whom connections trust, and come as whom they come. */
function trustOf({ trusted, settings }: Boot): Trust {
  return { authorities: trusted, certificate: clientCertificate(settings) }
}
