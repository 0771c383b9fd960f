import { phaseNames, type PhaseName } from '@kong-ts/pdk'
import { timeBounds, type PhaseStats, type Stats } from '../../plugins/conduct.ts'
import type { ConductReport } from './messages.ts'

/** What the instances of a plugin's row did in all workers, also in those that are gone. */
export interface PluginCost extends Stats {
  readonly plugin: string
  /** In some worker it takes no further part. */
  readonly isDisabled: boolean
}

interface Sums {
  readonly plugin: string
  readonly phases: { [P in PhaseName]?: PhaseStats }
  rejected: number
  wouldReject: number
  failed: number
  stalls: number
  longestStall: number
}

/** How the plugins of the node behave, by the id of their rows, since the node has started. */
export class PluginCosts {
  readonly #sums = new Map<string, Sums>()
  readonly #disabled = new Map<object, Set<string>>()

  receive(worker: object, reports: readonly ConductReport[]): void {
    for (const { id, plugin, news, isDisabled } of reports) {
      this.#disable(worker, id, isDisabled)
      this.#add(id, plugin, news)
    }
  }

  /** A worker is gone; what its plugins did was done. */
  leave(worker: object): void {
    this.#disabled.delete(worker)
  }

  /** The row is gone. */
  forget(id: string): void {
    this.#sums.delete(id)
    for (const ids of this.#disabled.values()) ids.delete(id)
  }

  /** All zeros for a plugin that has not run yet. */
  of(id: string, plugin: string): PluginCost {
    const sums = this.#sums.get(id) ?? nothing(plugin)
    return { ...sums, isDisabled: [...this.#disabled.values()].some((ids) => ids.has(id)) }
  }

  all(): readonly (PluginCost & { readonly id: string })[] {
    return [...this.#sums].map(([id, { plugin }]) => ({ id, ...this.of(id, plugin) }))
  }

  #disable(worker: object, id: string, isDisabled: boolean): void {
    const ids = this.#disabled.get(worker) ?? new Set()
    this.#disabled.set(worker, ids)
    if (isDisabled) ids.add(id)
    else ids.delete(id)
  }

  #add(id: string, plugin: string, news: Stats): void {
    const before = this.#sums.get(id)
    // Another plugin may have been put under the same id.
    const sums = before?.plugin === plugin ? before : nothing(plugin)
    this.#sums.set(id, sums)
    sums.rejected += news.rejected
    sums.wouldReject += news.wouldReject
    sums.failed += news.failed
    sums.stalls += news.stalls
    sums.longestStall = Math.max(sums.longestStall, news.longestStall)
    for (const phase of phaseNames) {
      const stats = news.phases[phase]
      if (stats) addPhase((sums.phases[phase] ??= noCalls()), stats)
    }
  }
}

function nothing(plugin: string): Sums {
  return { plugin, phases: {}, rejected: 0, wouldReject: 0, failed: 0, stalls: 0, longestStall: 0 }
}

function noCalls(): PhaseStats {
  return { calls: 0, time: 0, buckets: [0, ...timeBounds.map(() => 0)] }
}

function addPhase(sum: PhaseStats, { calls, time, buckets }: PhaseStats): void {
  sum.calls += calls
  sum.time += time
  buckets.forEach((count, at) => {
    sum.buckets[at] = (sum.buckets[at] ?? 0) + count
  })
}
