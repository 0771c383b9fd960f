import type { Counters } from '@kong-ts/pdk'
import { createNames } from '../../balancing/create-names.ts'
import { HostSelections } from '../../balancing/host-selections.ts'
import { Pools } from '../../balancing/pools.ts'
import type { UpstreamsEnd } from '../../balancing/upstreams-end.ts'
import { Ended } from '../../connection/ended.ts'
import type { Host } from '../../connection/host.ts'
import { LiveConnections } from '../../connection/live-connections.ts'
import { startPause } from '../../connection/pause.ts'
import { Pot } from '../../connection/room/pot.ts'
import { Preconnections } from '../../connection/warm/preconnections.ts'
import { serve } from '../../connection/serve.ts'
import { TrustedSenders } from '../../connection/client/trusted-senders.ts'
import { turn } from '../../connection/turn.ts'
import { wayTo } from '../../connection/upstream/way-to.ts'
import type { Delta, Snapshot } from '../../entities/rows.ts'
import { Configuration } from '../../gateway/configuration.ts'
import type { Prepared } from '../../gateway/prepare.ts'
import { loadCatalogue, type Catalogue } from '../../plugins/catalogue.ts'
import { preparing } from '../../plugins/running.ts'
import type { Inbound, Transport } from '../../transport/transport.ts'
import type { Traffic } from './worker-link.ts'
import { AccessLog } from '../logs/access-log.ts'
import { setupTime, type Boot } from './boot.ts'
import type { KitEnd } from '../kit/kit-end.ts'
import type { LineWriter } from '../logs/line-writer.ts'
import { certificateTable, clientCertificate, limits, openLineLog } from './worker-parts.ts'
import { Watchdog } from '../watchdog/watchdog.ts'
import { pluginLog, type ErrorLog } from '../logs/log.ts'
import type { FiguresEnd } from '../metrics/figures-end.ts'
import { ownListeners, type Listener } from './own-listeners.ts'
import { startLater } from './start-later.ts'

/** Between looks at whether a drain is over, in milliseconds. */
const drainStep = 20

/** What a worker knows of the node around it. */
export interface WorkerSurroundings {
  readonly upstreams: UpstreamsEnd
  readonly kit: KitEnd
  readonly figures: FiguresEnd
  readonly transport: Transport
  /** Which of the node's workers it is, from 0 on. */
  readonly slot: number
  /** Where the node accepts connections. */
  readonly listening: readonly Listener[]
}

/** The data plane of one process: the configuration and the connections that live under it. */
export class Worker {
  readonly #host: Host
  readonly #access: AccessLog
  readonly #lines: LineWriter
  readonly #preconnections: Preconnections
  readonly #watchdog: Watchdog
  #prepared: Prepared | undefined
  #accepted = 0
  #drainUntil = Infinity
  #draining: Promise<void> | undefined

  private constructor(
    host: Host,
    access: AccessLog,
    lines: LineWriter,
    preconnections: Preconnections,
    watchdog: Watchdog,
  ) {
    this.#watchdog = watchdog
    this.#preconnections = preconnections
    this.#host = host
    this.#access = access
    this.#lines = lines
  }

  /** @throws when a plugin cannot be loaded, or the access log cannot be opened */
  static async create(
    boot: Boot,
    counters: Counters,
    log: ErrorLog,
    around: WorkerSurroundings,
  ): Promise<Worker> {
    const { settings, cwd } = boot
    const { upstreams, kit, figures, transport, slot, listening } = around
    const { standing, tell } = upstreams
    const catalogue = await loadCatalogue(settings.plugins, { cwd })
    const watchdog = watchdogOf(settings, catalogue, log)
    const names = createNames(settings)
    const chance = { now: Date.now, random: Math.random }
    const pools = new Pools({ ...chance, names, standing, tell, later: startLater })
    const configuration = new Configuration({
      certificates: certificateTable(boot),
      catalogue,
      pools,
      pluginTimeout: settings.plugin_timeout,
      host: {
        counters,
        buckets: {
          rate: kit.rates(transport),
          allowance: (low, ask) => new Pot(transport.allowance(low, ask)),
        },
        trusted: boot.trusted,
        name: (serial, culprit) => watchdog.name(serial, culprit),
        shared: (instance) => kit.shared(instance),
        once: (scope, signal) => kit.once(() => `${boot.id} ${scope()}`, signal),
        metrics: (life) => figures.metrics(life),
        behaved: (instance) => figures.behaved(instance),
        setupTimeout: setupTime,
        log: (plugin, instance) => pluginLog(log, plugin, instance),
      },
    })
    const preconnections = new Preconnections({
      connect: (target, options) => transport.connect(target, options),
      counters,
      worker: { index: slot, of: settings.worker_processes },
      keepAlive: limits(settings).keepAlive,
      log,
      pools: () => pools.all(),
      wayTo: (pool, peer) => wayTo(host, pool, peer),
      pause: startPause,
      turn,
    })
    const lines = openLineLog('access_log', settings.access_log, log)
    const access = new AccessLog(lines)
    const host: Host = {
      configuration,
      counters,
      queues: upstreams.queues,
      preconnections,
      log,
      names,
      hosts: new HostSelections(names, chance),
      isOwn: ownListeners(listening),
      trusted: boot.trusted,
      clientCertificate: clientCertificate(settings),
      senders: new TrustedSenders(settings.trusted_ips),
      live: new LiveConnections(),
      limits: limits(settings),
      // Wording a line that nobody writes is the dearest thing in the log phase.
      record: settings.access_log === 'off' ? () => undefined : (summary) => access.record(summary),
    }
    return new Worker(host, access, lines, preconnections, watchdog)
  }

  get traffic(): Traffic {
    return { accepted: this.#accepted, active: this.#host.live.size }
  }

  async load(snapshot: Snapshot): Promise<void> {
    await preparing(() => this.#host.configuration.load(snapshot))
    this.#preconnections.follow()
  }

  /** @throws when the change cannot be served; then nothing is left of it */
  async prepare(delta: Delta): Promise<void> {
    this.#prepared = await preparing(() => this.#host.configuration.prepare(delta))
  }

  swap(): void {
    const prepared = this.#prepared
    if (!prepared) throw new Error('nothing is prepared')
    this.#prepared = undefined
    this.#host.configuration.swap(prepared)
    this.#preconnections.follow()
  }

  discard(): void {
    if (this.#prepared) this.#host.configuration.discard(this.#prepared)
    this.#prepared = undefined
  }

  /** @param proxyProtocol whether it begins with a PROXY header */
  accept(inbound: Inbound, proxyProtocol = false): void {
    this.#accepted += 1
    void serve(inbound, this.#host, proxyProtocol)
  }

  renewTickets(secret: Uint8Array): void {
    this.#host.configuration.tls.rotate(secret)
  }

  reopenLogs(): void {
    this.#lines.reopen()
  }

  /**
   * Lets live connections end by themselves for so many milliseconds, then ends them.
   * Called again, it makes an earlier call end sooner, not later.
   */
  drain(milliseconds: number): Promise<void> {
    this.#drainUntil = Math.min(this.#drainUntil, performance.now() + milliseconds)
    this.#draining ??= this.#drain()
    return this.#draining
  }

  async #drain(): Promise<void> {
    const { live, configuration } = this.#host
    this.#preconnections.close()
    while (live.size > 0 && performance.now() < this.#drainUntil) await pause(drainStep)
    // In order first; who does not answer a FIN is cut off, so that its ending is told, too.
    for (const how of ['fin', 'rst'] as const) {
      for (const session of live) session.stop(new Ended('gateway.drain.deadline'), how)
      const last = performance.now() + lastWords
      while (live.size > 0 && performance.now() < last) await pause(drainStep)
    }
    await configuration.close(teardownTime)
    this.#watchdog.close()
    this.#access.flush()
    await this.#lines.close()
  }
}

function watchdogOf(settings: Boot['settings'], catalogue: Catalogue, log: ErrorLog): Watchdog {
  return new Watchdog({
    settings,
    files: new Map(catalogue.all().map(({ plugin, files }) => [plugin.name, files])),
    failed: (error) => log.error({ error: error.message }, 'nobody watches for plugins that loop'),
  })
}

/** Milliseconds for sessions that were told to end, in either way, and for their log lines. */
const lastWords = 500

/** Milliseconds for plugins to write what they still hold, or to say that it is lost; those of the box take three seconds. */
const teardownTime = 4_000

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}
