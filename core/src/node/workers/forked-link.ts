import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type * as upstreams from '../../balancing/messages.ts'
import type { Delta, Snapshot } from '../../entities/rows.ts'
import type { LogLevelName } from '../../settings/log-levels.ts'
import type { Bound } from './bind.ts'
import { doorOptions, setupTime, type Boot } from './boot.ts'
import type * as counters from '../counters/messages.ts'
import type * as kit from '../kit/messages.ts'
import type { Answer, ToSupervisor, ToWorker } from './messages.ts'
import type * as figures from '../metrics/messages.ts'
import { hearLast, lastDescriptor } from '../watchdog/last-report.ts'
import { Veto, WorkerLost, type Traffic, type WorkerLink } from './worker-link.ts'

const main = fileURLToPath(new URL('worker-main.ts', import.meta.url))
/** Milliseconds for a worker to answer beyond what it spends on the setup of plugins. */
const grace = 5_000
/** Milliseconds for a worker to start, the setup of plugins included; a busy machine takes seconds to load a process. */
const startTime = setupTime + 30_000
/** Milliseconds a draining worker has beyond its deadline to end its last sessions, plugins and logs. */
const graceAfterDrain = 6_000
/** Reports that a worker may owe: one that does not answer is not asked for ever more of them. */
const mostAsked = 16
/** A child's descriptors are the standard streams, the channel, its watchdog's and the listening sockets. */
const firstDoor = lastDescriptor + 1

export interface ForkedParts {
  readonly boot: Boot
  readonly bound: readonly Bound[]
  readonly slot: number
  counters(message: counters.ToSupervisor): void
  upstreams(message: upstreams.ToSupervisor): void
  kit(message: kit.ToSupervisor): void
  figures(message: figures.ToSupervisor): void
}

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** A worker in a process of its own, which inherits its slot's sockets. */
export class ForkedLink implements WorkerLink {
  readonly pid: number
  readonly gone: Promise<void>
  /** Resolves once it is gone and everything that it said has been heard. */
  readonly heard: Promise<void>
  readonly #parts: ForkedParts
  readonly #child: ChildProcess
  traffic: Traffic = { accepted: 0, active: 0 }
  heap = 0
  resident = 0
  #waiting: Waiting | undefined
  /** Those who wait for it to have told what it has counted, in order. */
  readonly #asking: (() => void)[] = []

  constructor(parts: ForkedParts) {
    this.#parts = parts
    const sockets = parts.bound.flatMap(({ sockets: bySlot }) => bySlot[parts.slot] ?? [])
    this.#child = fork(main, {
      stdio: [
        'ignore',
        'inherit',
        'inherit',
        'ipc',
        'pipe',
        ...sockets.map((socket) => socket.fd()),
      ],
      serialization: 'advanced',
      // A session of its own: what a terminal or a script signals to the whole group ends the supervisor only.
      detached: true,
    })
    this.pid = this.#child.pid ?? 0
    this.gone = new Promise((resolve) => {
      this.#child.once('exit', () => this.#lose('died', resolve))
      // Without a process there will be no exit; any other error concerns a message and is told to its sender.
      this.#child.on('error', (error) => this.pid === 0 && this.#lose(error.message, resolve))
    })
    this.heard = new Promise((resolve) => this.#child.once('close', () => resolve()))
    hearLast(this.#child, (report) => parts.figures({ type: 'plugins.behaved', reports: [report] }))
    this.#child.on('message', (message: ToSupervisor) => this.#receive(message))
  }

  start(snapshot: Snapshot): Promise<void> {
    const { boot, bound, slot } = this.#parts
    const doors = bound.map((each, index) => ({
      fd: firstDoor + index,
      ...doorOptions(each, boot.settings),
    }))
    return this.#ask({ type: 'start', boot, slot, snapshot, doors }, startTime)
  }

  prepare(delta: Delta): Promise<void> {
    return this.#ask({ type: 'prepare', delta }, setupTime + grace)
  }

  swap(): Promise<void> {
    return this.#ask({ type: 'swap' }, grace)
  }

  discard(): void {
    this.#send({ type: 'discard' })
  }

  async drain(milliseconds: number): Promise<void> {
    this.#send({ type: 'drain', milliseconds })
    const late = setTimeout(() => this.kill(), milliseconds + graceAfterDrain)
    await this.gone
    clearTimeout(late)
  }

  reopenLogs(): void {
    this.#send({ type: 'reopen' })
  }

  setLogLevel(level: LogLevelName): void {
    this.#send({ type: 'level', level })
  }

  renewTickets(secret: Uint8Array): void {
    this.#send({ type: 'tickets', secret })
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  tell(message: upstreams.ToWorker): void {
    this.#send({ type: 'upstreams', message })
  }

  tellKit(message: kit.ToWorker): void {
    this.#send({ type: 'kit', message })
  }

  /** Resolves once it has told what it has counted until now, or is gone; at once when it has long not answered. */
  report(): Promise<void> {
    const isBusy = this.#asking.length >= mostAsked
    if (isBusy || !this.#child.connected) return Promise.resolve()
    this.#send({ type: 'report' })
    return new Promise((resolve) => this.#asking.push(resolve))
  }

  tellCounters(message: counters.ToWorker): void {
    this.#send({ type: 'counters', message })
  }

  #send(message: ToWorker): void {
    if (!this.#child.connected) return
    this.#child.send(message, (error) => {
      if (error) this.#fail(new WorkerLost(`worker ${this.pid}: ${error.message}`))
    })
  }

  /** One question at a time: the supervisor's changes take turns. */
  #ask(message: ToWorker, patience: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#child.connected) {
        reject(new WorkerLost(`worker ${this.pid} is gone`))
        return
      }
      const timer = setTimeout(() => {
        const what = `did not answer '${message.type}' within ${patience} ms`
        this.#fail(new WorkerLost(`worker ${this.pid} ${what}`))
        this.kill()
      }, patience)
      const settle = (then: () => void): void => {
        clearTimeout(timer)
        this.#waiting = undefined
        then()
      }
      this.#waiting = {
        resolve: () => settle(resolve),
        reject: (error) => settle(() => reject(error)),
      }
      this.#send(message)
    })
  }

  #receive(message: ToSupervisor): void {
    switch (message.type) {
      case 'counters':
        return this.#parts.counters(message.message)
      case 'upstreams':
        return this.#parts.upstreams(message.message)
      case 'kit':
        return this.#parts.kit(message.message)
      case 'figures':
        return this.#parts.figures(message.message)
      case 'traffic':
        this.traffic = message.traffic
        this.heap = message.heap
        this.resident = message.resident
        return
      case 'reported':
        this.#asking.shift()?.()
        return
      default:
        return this.#settle(message)
    }
  }

  #settle(answer: Answer): void {
    switch (answer.type) {
      case 'refused':
        return this.#fail(new Veto(answer.message, answer.plugin))
      case 'failed':
        return this.#fail(new Error(answer.message))
      case 'done':
        this.#waiting?.resolve()
    }
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error)
  }

  #lose(why: string, gone: () => void): void {
    this.traffic = { accepted: this.traffic.accepted, active: 0 }
    for (const told of this.#asking.splice(0)) told()
    this.#fail(new WorkerLost(`worker ${this.pid} ${why}`))
    gone()
  }
}
