import { getHeapStatistics } from 'node:v8'
import type { Counters } from '@kong-ts/pdk'
import type { ToSupervisor, ToWorker } from '../../balancing/messages.ts'
import { UpstreamsEnd } from '../../balancing/upstreams-end.ts'
import type { Delta, Snapshot } from '../../entities/rows.ts'
import { messageOf } from '../../errors/message-of.ts'
import { PluginFailure } from '../../errors/plugin-failure.ts'
import type { LogLevelName } from '../../settings/log-levels.ts'
import type { Listening, Transport } from '../../transport/transport.ts'
import { bindError, type Bound } from './bind.ts'
import { doorOptions, type Boot } from './boot.ts'
import { KitEnd } from '../kit/kit-end.ts'
import type * as kit from '../kit/messages.ts'
import type { ErrorLog } from '../logs/log.ts'
import { FiguresEnd, reportEvery } from '../metrics/figures-end.ts'
import type * as figures from '../metrics/messages.ts'
import { Stopping, Veto, type Traffic, type WorkerLink } from './worker-link.ts'
import { Worker } from './worker.ts'

/** A listener that stays open while the worker behind it changes. */
interface Doorway {
  readonly listening: Listening
  readonly behind: { worker: Worker; proxyProtocol: boolean }
}

export interface LocalParts {
  readonly boot: Boot
  readonly bound: readonly Bound[]
  readonly counters: Counters
  readonly transport: Transport
  readonly log: ErrorLog
  upstreams(message: ToSupervisor): void
  kit(message: kit.ToSupervisor): void
  figures(message: figures.ToSupervisor): void
}

/** The only worker of a node, in the supervisor's own process. */
export class LocalLink implements WorkerLink {
  readonly pid = process.pid
  readonly gone: Promise<void>
  readonly #parts: LocalParts
  readonly #ended = Promise.withResolvers<void>()
  /** With a level of its own: a node's log and its worker's change theirs one after the other in a reload. */
  readonly #log: ErrorLog
  readonly #upstreams: UpstreamsEnd
  readonly #kit: KitEnd
  readonly #figures: FiguresEnd
  readonly #reporting: NodeJS.Timeout
  #worker: Worker | undefined
  /** By their sockets, which outlive a change of flags. */
  #doors = new Map<Bound['sockets'], Doorway>()
  #stopped = false

  constructor(parts: LocalParts) {
    this.#parts = parts
    this.gone = this.#ended.promise
    this.#upstreams = new UpstreamsEnd((message) => parts.upstreams(message))
    this.#kit = new KitEnd((message) => parts.kit(message), Date)
    this.#figures = new FiguresEnd((message) => parts.figures(message))
    this.#reporting = setInterval(() => this.#figures.flush(), reportEvery).unref()
    this.#log = parts.log.child({}, { level: parts.boot.settings.log_level })
  }

  async start(snapshot: Snapshot, predecessor?: WorkerLink): Promise<void> {
    const { boot, counters, transport } = this.#parts
    const before = predecessor instanceof LocalLink ? predecessor : undefined
    const worker = await Worker.create(boot, counters, this.#log, {
      upstreams: this.#upstreams,
      kit: this.#kit,
      figures: this.#figures,
      transport,
      slot: 0,
      listening: this.#parts.bound.map(({ listen, address }) => ({
        ...address,
        ipv6Only: listen.ipv6Only,
      })),
    })
    this.#worker = worker
    try {
      await worker.load(snapshot)
      for (const each of this.#parts.bound) {
        if (!before || !before.#doors.has(each.sockets))
          this.#doors.set(each.sockets, await this.#open(each, worker))
      }
      if (this.#stopped) throw new Stopping()
    } catch (error) {
      await this.drain(0)
      throw error
    }
    if (before) await this.#takeOver(before, worker)
  }

  async prepare(delta: Delta): Promise<void> {
    try {
      await this.#running.prepare(delta)
    } catch (error) {
      throw new Veto(messageOf(error), error instanceof PluginFailure ? error.plugin : undefined)
    }
  }

  async swap(): Promise<void> {
    this.#running.swap()
  }

  discard(): void {
    this.#running.discard()
  }

  async drain(milliseconds: number): Promise<void> {
    this.#stopped = true
    const doors = [...this.#doors.values()]
    this.#doors.clear()
    for (const { listening } of doors) await listening.close()
    await this.#worker?.drain(milliseconds)
    clearInterval(this.#reporting)
    this.#figures.flush()
    this.#ended.resolve()
  }

  reopenLogs(): void {
    this.#worker?.reopenLogs()
  }

  setLogLevel(level: LogLevelName): void {
    this.#log.level = level
  }

  renewTickets(secret: Uint8Array): void {
    this.#worker?.renewTickets(secret)
  }

  tell(message: ToWorker): void {
    this.#upstreams.receive(message)
  }

  tellKit(message: kit.ToWorker): void {
    this.#kit.receive(message)
  }

  kill(): void {
    this.drain(0).catch((error: unknown) => {
      this.#parts.log.error({ error: messageOf(error) }, 'the worker did not end in order')
    })
  }

  /** As `ForkedLink.report`. */
  async report(): Promise<void> {
    this.#figures.flush()
  }

  get resident(): number {
    return process.memoryUsage.rss()
  }

  get heap(): number {
    return getHeapStatistics().used_heap_size
  }

  get traffic(): Traffic {
    return this.#worker?.traffic ?? { accepted: 0, active: 0 }
  }

  get #running(): Worker {
    if (!this.#worker) throw new Error('the worker has not started')
    return this.#worker
  }

  async #open(bound: Bound, worker: Worker): Promise<Doorway> {
    const [socket] = bound.sockets
    if (!socket) throw new Error(`no socket is bound for ${bound.listen.raw}`)
    const { transport, boot } = this.#parts
    const { proxyProtocol, ...options } = doorOptions(bound, boot.settings)
    const behind = { worker, proxyProtocol }
    try {
      const listening = await transport.listen({ socket, ...options }, (inbound) =>
        behind.worker.accept(inbound, behind.proxyProtocol),
      )
      return { listening, behind }
    } catch (error) {
      throw bindError(bound.listen, error)
    }
  }

  /** From here on nothing can fail: every door leads to the new worker, or is closed. */
  async #takeOver(before: LocalLink, worker: Worker): Promise<void> {
    const doors = [...before.#doors]
    before.#doors.clear()
    for (const [sockets, door] of doors) {
      const bound = this.#parts.bound.find((each) => each.sockets === sockets)
      if (bound) {
        door.behind.worker = worker
        door.behind.proxyProtocol = bound.listen.proxyProtocol
        this.#doors.set(sockets, door)
      } else {
        await door.listening.close()
      }
    }
  }
}
