import { setImmediate as turn } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import { UpstreamsEnd } from '../../balancing/upstreams-end.ts'
import { messageOf } from '../../errors/message-of.ts'
import { PluginFailure } from '../../errors/plugin-failure.ts'
import type { LogLevelName } from '../../settings/log-levels.ts'
import type { Listening, Transport } from '../../transport/transport.ts'
import { LeasedCounters } from '../counters/leased-counters.ts'
import { KitEnd } from '../kit/kit-end.ts'
import { leave } from './leave.ts'
import { createErrorLog, type OpenErrorLog } from '../logs/log.ts'
import { FiguresEnd, reportEvery } from '../metrics/figures-end.ts'
import type { Door, Question, ToSupervisor, ToWorker } from './messages.ts'
import { reportStrays } from './strays.ts'
import { createTransport } from '../transport.ts'
import { Stopping } from './worker-link.ts'
import { Worker } from './worker.ts'

type Start = Extract<Question, { type: 'start' }>

/** Does what the supervisor says, and ends when the supervisor is gone. */
export function obeySupervisor(): void {
  const self = new WorkerProcess()
  process.on('message', (message: ToWorker) => void self.receive(message))
  process.on('disconnect', () => self.abandon())
  // The supervisor may have died while this process was still loading.
  if (!process.connected) self.abandon()
}

class WorkerProcess {
  readonly #counters = new LeasedCounters(
    (message) => this.#tell({ type: 'counters', message }),
    Date,
  )
  readonly #upstreams = new UpstreamsEnd((message) => this.#tell({ type: 'upstreams', message }))
  readonly #kit = new KitEnd((message) => this.#tell({ type: 'kit', message }), Date)
  readonly #figures = new FiguresEnd((message) => this.#tell({ type: 'figures', message }))
  readonly #doors: Listening[] = []
  #worker: Worker | undefined
  #errorLog: OpenErrorLog | undefined
  /** Milliseconds that live connections are left when the supervisor disappears. */
  #drainTimeout = 0
  #leaving = false

  async receive(message: ToWorker): Promise<void> {
    switch (message.type) {
      case 'counters':
        return this.#counters.receive(message.message)
      case 'upstreams':
        return this.#upstreams.receive(message.message)
      case 'kit':
        return this.#kit.receive(message.message)
      case 'drain':
        return this.#leave(message.milliseconds)
      case 'start':
      case 'prepare':
      case 'swap':
        return this.#tell(await this.#answer(message))
      default:
        return this.#obey(message)
    }
  }

  /** Nobody counts or configures any more: what lives may end, nothing new begins. */
  abandon(): void {
    this.#disconnect()
    void this.#leave(this.#drainTimeout)
  }

  /** Does what needs no answer. */
  #obey(
    message: Exclude<ToWorker, Question | { type: 'counters' | 'upstreams' | 'kit' | 'drain' }>,
  ): void {
    switch (message.type) {
      case 'discard':
        return this.#worker?.discard()
      case 'reopen':
        return this.#reopenLogs()
      case 'report':
        this.#tellAll()
        return this.#tell({ type: 'reported' })
      case 'level':
        return this.#setLogLevel(message.level)
      case 'tickets':
        return this.#worker?.renewTickets(message.secret)
    }
  }

  async #answer(question: Question): Promise<ToSupervisor> {
    try {
      if (question.type === 'start') await this.#start(question)
      else if (question.type === 'prepare') await this.#running.prepare(question.delta)
      else this.#running.swap()
      return { type: 'done' }
    } catch (error) {
      const message = messageOf(error)
      if (question.type !== 'prepare') return { type: 'failed', message }
      const plugin = error instanceof PluginFailure ? error.plugin : undefined
      return { type: 'refused', message, plugin }
    }
  }

  async #start({ boot, slot, snapshot, doors }: Start): Promise<void> {
    this.#drainTimeout = boot.settings.drain_timeout
    const errorLog = createErrorLog(boot.settings)
    this.#errorLog = errorLog
    reportStrays(errorLog.log)
    const transport = createTransport(boot.settings.transport)
    const worker = await Worker.create(boot, this.#counters, errorLog.log, {
      upstreams: this.#upstreams,
      kit: this.#kit,
      figures: this.#figures,
      transport,
      slot,
      listening: doors.map(({ address, ipv6Only }) => ({ ...address, ipv6Only })),
    })
    this.#worker = worker
    await worker.load(snapshot)
    for (const door of doors) await this.#open(transport, door, worker)
    this.#tellAll()
    setInterval(() => this.#tellAll(), reportEvery).unref()
  }

  async #open(transport: Transport, door: Door, worker: Worker): Promise<void> {
    if (this.#leaving) throw new Stopping()
    const { fd, proxyProtocol, ...options } = door
    const accept: Parameters<Transport['listen']>[1] = (inbound) =>
      worker.accept(inbound, proxyProtocol)
    this.#doors.push(await transport.listen({ socket: { fd }, ...options }, accept))
  }

  /** A second call has less patience; the process ends with the first that gets to its end. */
  async #leave(milliseconds: number): Promise<void> {
    this.#leaving = true
    // Clients that the kernel has let in already are served.
    if (process.connected) await turn()
    for (const door of this.#doors.splice(0)) await door.close()
    await this.#worker?.drain(milliseconds)
    this.#counters.giveBack()
    this.#bow()
  }

  /** The last report; what was said before it has arrived when it has. */
  #bow(): void {
    if (!process.connected || !process.send) leave(0)
    this.#figures.flush()
    process.send(this.#report, () => leave(0))
  }

  #tellAll(): void {
    this.#figures.flush()
    this.#tell(this.#report)
  }

  #reopenLogs(): void {
    this.#errorLog?.reopen()
    this.#worker?.reopenLogs()
  }

  #setLogLevel(level: LogLevelName): void {
    if (this.#errorLog) this.#errorLog.log.level = level
  }

  get #report(): ToSupervisor {
    const traffic = this.#worker?.traffic ?? { accepted: 0, active: 0 }
    const heap = getHeapStatistics().used_heap_size
    return { type: 'traffic', traffic, heap, resident: process.memoryUsage.rss() }
  }

  get #running(): Pick<Worker, 'prepare' | 'swap'> {
    if (!this.#worker) throw new Error('the worker has not started')
    return this.#worker
  }

  #disconnect(): void {
    this.#counters.disconnect()
    this.#kit.disconnect()
  }

  #tell(message: ToSupervisor): void {
    if (!process.connected) return
    process.send?.(message, (error: Error | null) => {
      if (error) this.#disconnect()
    })
  }
}
