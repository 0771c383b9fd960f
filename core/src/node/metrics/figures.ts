import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '@kong-ts/pdk'
import type { Delta } from '../../entities/rows.ts'
import type { ToSupervisor } from './messages.ts'
import { PluginCosts } from './plugin-costs.ts'
import { Tally } from './tally.ts'

/** A worker that can be asked for what it has not told yet. */
export interface Reporting {
  /** Resolves once everything is told, or never will be. */
  report(): Promise<void>
}

/** Milliseconds for workers to tell what they have not told: whoever looks at figures waits no longer. */
const patience = 250

/** What the workers of a node tell of their plugins, taken together. Outlives each of them. */
export class Figures {
  readonly tally: Tally
  readonly costs = new PluginCosts()
  readonly #workers = new Set<Reporting>()

  constructor(log: Log) {
    this.tally = new Tally(log)
  }

  /** A worker starts. */
  join(worker: Reporting): void {
    this.#workers.add(worker)
  }

  /** A worker is gone, and everything that it said was received. */
  leave(worker: Reporting): void {
    this.#workers.delete(worker)
    this.tally.leave(worker)
    this.costs.leave(worker)
  }

  /** A worker that has joined says something. */
  receive(worker: Reporting, message: ToSupervisor): void {
    if (!this.#workers.has(worker)) return
    switch (message.type) {
      case 'metrics.declared':
        return this.tally.declare(worker, message.definition)
      case 'metrics.retired':
        return this.tally.retire(worker, message.name)
      case 'metrics.shown':
        return this.tally.show(worker, message.group, message.isShown)
      case 'metrics.counted':
        return this.tally.count(worker, message.families)
      case 'plugins.behaved':
        return this.costs.receive(worker, message.reports)
    }
  }

  /** A change was committed. */
  follow({ changes }: Delta): void {
    for (const change of changes) {
      if (change.op === 'delete' && change.entity === 'plugins') this.costs.forget(change.id)
    }
  }

  /** Has the workers tell what they have counted until now; one that is busy is not waited for. */
  async freshen(): Promise<void> {
    const late = new AbortController()
    const told = Promise.all([...this.#workers].map((worker) => worker.report()))
    await Promise.race([
      told,
      sleep(patience, undefined, { signal: late.signal }).catch(() => undefined),
    ])
    late.abort()
  }
}
