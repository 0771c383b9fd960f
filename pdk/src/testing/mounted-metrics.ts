import { MetricBook } from '../metrics/metric-book.ts'
import type { MetricDefinition } from '../metrics/metric-definition.ts'
import type { SeriesNews } from '../metrics/metric-family.ts'
import type { FigureGroup, Metrics } from '../metrics/metrics.ts'

/** What a histogram has observed under some labels. */
export interface Observed {
  readonly count: number
  readonly sum: number
  /** How many values were at most so large, by the bound; `+Inf` for all, as `/metrics` shows them. */
  readonly buckets: Readonly<Record<string, number>>
}

type ReadLabels = Readonly<Record<string, string | number>>

/** The metrics of a mounted plugin, for a test to read. */
export class MountedMetrics {
  readonly #shown = new Set<FigureGroup>()
  readonly #book = new MetricBook({
    declared: () => undefined,
    retired: () => undefined,
    shown: (group, isShown) => void (isShown ? this.#shown.add(group) : this.#shown.delete(group)),
  })

  /** For the kit itself: the metrics of an instance that lives until the signal aborts. */
  open(life: AbortSignal): Metrics {
    return this.#book.open(life)
  }

  /** The names of what the plugin has declared. */
  names(): readonly string[] {
    return this.#book.names()
  }

  /** Whether the plugin has asked the gateway for figures of its own. */
  isShown(group: FigureGroup): boolean {
    return this.#shown.has(group)
  }

  /** Of a counter or a gauge; 0 where nothing was counted. @throws TypeError when nobody has declared it */
  value(name: string, labels: ReadLabels = {}): number {
    return this.#find(name, labels)?.value ?? 0
  }

  /** Of a histogram. @throws TypeError when nobody has declared it */
  observed(name: string, labels: ReadLabels = {}): Observed {
    const { buckets } = this.#definition(name)
    const { value: sum = 0, counts = [] } = this.#find(name, labels) ?? {}
    let count = 0
    const bounds = [...buckets.map(String), '+Inf'].map((bound, at) => {
      count += counts[at] ?? 0
      return [bound, count] as const
    })
    return { count, sum, buckets: Object.fromEntries(bounds) }
  }

  /** The labels under which something was counted. @throws TypeError when nobody has declared it */
  series(name: string): readonly Readonly<Record<string, string>>[] {
    const { labels } = this.#definition(name)
    return this.#read(name).map(({ values }) =>
      Object.fromEntries(labels.map((label, at) => [label, values[at] ?? ''])),
    )
  }

  #find(name: string, labels: ReadLabels): SeriesNews | undefined {
    const names = this.#definition(name).labels
    const wanted = names.map((label) => String(labels[label] ?? ''))
    return this.#read(name).find(({ values }) => values.every((value, at) => value === wanted[at]))
  }

  #read(name: string): readonly SeriesNews[] {
    return this.#book.find(name)?.read().series ?? []
  }

  #definition(name: string): MetricDefinition {
    const family = this.#book.find(name)
    if (family) return family.definition
    throw new TypeError(`the plugin has declared no metric '${name}'`)
  }
}
