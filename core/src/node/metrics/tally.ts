import type { FigureGroup, Log } from '@kong-ts/pdk'
import {
  isSameMetric,
  mostSeries,
  type FamilyNews,
  type MetricDefinition,
  type SeriesNews,
} from '@kong-ts/pdk/host'
import { histogramValues, type ShownMetric, type ShownValue } from './exposition.ts'

/** A series over all workers, also those that are gone. */
interface Sum {
  readonly values: readonly string[]
  value: number
  counts: number[]
  /** Of a gauge: what each worker says; it ends with the worker. */
  readonly said: Map<object, number>
}

interface Family {
  readonly definition: MetricDefinition
  readonly sums: Map<string, Sum>
}

/** What one worker has declared, and asked for. */
interface Claims {
  readonly metrics: Map<string, MetricDefinition>
  readonly groups: Set<FigureGroup>
}

/**
 * What the plugins of all workers have counted. Workers tell differences, so that what a dead one has counted stays
 * counted, and nothing goes backwards.
 */
export class Tally {
  readonly #log: Log
  readonly #limit: number
  readonly #families = new Map<string, Family>()
  readonly #claims = new Map<object, Claims>()
  readonly #dropped = new Map<string, number>()

  constructor(log: Log, limit = mostSeries) {
    this.#log = log
    this.#limit = limit
  }

  /** Of what has been dropped, how often, by the metric's name. */
  get dropped(): ReadonlyMap<string, number> {
    return this.#dropped
  }

  /** A worker counts this from now on. One that means something else by a name than before begins it anew. */
  declare(worker: object, definition: MetricDefinition): void {
    const { name } = definition
    this.#claimsOf(worker).metrics.set(name, definition)
    const known = this.#families.get(name)
    if (known && isSameMetric(known.definition, definition)) return
    if (known) this.#log.info({ metric: name }, 'a metric is declared anew: it begins at 0')
    this.#families.set(name, { definition, sums: new Map() })
  }

  retire(worker: object, name: string): void {
    this.#claims.get(worker)?.metrics.delete(name)
    const family = this.#families.get(name)
    if (family) forget(family, worker)
  }

  show(worker: object, group: FigureGroup, isShown: boolean): void {
    const { groups } = this.#claimsOf(worker)
    if (isShown) groups.add(group)
    else groups.delete(group)
  }

  isShown(group: FigureGroup): boolean {
    return [...this.#claims.values()].some(({ groups }) => groups.has(group))
  }

  count(worker: object, news: readonly FamilyNews[]): void {
    for (const { name, series, dropped } of news) {
      if (dropped > 0) this.drop(name, dropped)
      const family = this.#families.get(name)
      const meant = this.#claims.get(worker)?.metrics.get(name)
      // A worker that drains may still count what its successors mean otherwise.
      if (!family || !meant || !isSameMetric(meant, family.definition)) continue
      for (const each of series) this.#add(worker, family, each)
    }
  }

  /** Something was not counted for want of room. */
  drop(metric: string, times: number): void {
    const before = this.#dropped.get(metric)
    this.#dropped.set(metric, (before ?? 0) + times)
    if (before !== undefined) return
    const limit = this.#limit
    this.#log.warn({ metric, limit }, 'a metric has too many series: further ones are not counted')
  }

  /** A worker is gone. */
  leave(worker: object): void {
    this.#claims.delete(worker)
    for (const family of this.#families.values()) forget(family, worker)
  }

  /** What some worker still declares. */
  shown(): readonly ShownMetric[] {
    return [...this.#families.values()]
      .filter(({ definition: { name } }) =>
        [...this.#claims.values()].some(({ metrics }) => metrics.has(name)),
      )
      .flatMap(showFamily)
  }

  #claimsOf(worker: object): Claims {
    const known = this.#claims.get(worker)
    if (known) return known
    const made: Claims = { metrics: new Map(), groups: new Set() }
    this.#claims.set(worker, made)
    return made
  }

  #add(worker: object, { definition, sums }: Family, { values, value, counts }: SeriesNews): void {
    const sum = this.#sumOf(definition, sums, values)
    if (!sum) return
    if (definition.kind === 'gauge') {
      sum.said.set(worker, value)
      return
    }
    sum.value += value
    if (counts) sum.counts = counts.map((count, at) => count + (sum.counts[at] ?? 0))
  }

  #sumOf(
    { name }: MetricDefinition,
    sums: Map<string, Sum>,
    values: readonly string[],
  ): Sum | undefined {
    const key = JSON.stringify(values)
    const known = sums.get(key)
    if (known) return known
    if (sums.size >= this.#limit) {
      this.drop(name, 1)
      return undefined
    }
    const made: Sum = { values, value: 0, counts: [], said: new Map() }
    sums.set(key, made)
    return made
  }
}

/** What a gauge says is no longer so without the worker that has said it. */
function forget({ definition, sums }: Family, worker: object): void {
  if (definition.kind !== 'gauge') return
  for (const [key, { said }] of sums) {
    said.delete(worker)
    if (said.size === 0) sums.delete(key)
  }
}

/** A gauge stands there once for each worker that says something; what is shown is what they come to together. */
function showFamily({ definition, sums }: Family): ShownMetric[] {
  const { kind: type, name, help, labels, buckets: bounds, over: aggregator } = definition
  const metric = { name, help, type, aggregator }
  const labelsOf = ({ values }: Sum) =>
    Object.fromEntries(labels.map((label, at) => [label, values[at] ?? '']))
  const all = [...sums.values()]
  const show = (sum: Sum): readonly ShownValue[] => {
    const { value, counts } = sum
    if (type === 'gauge')
      return [...sum.said.values()].map((said) => ({ labels: labelsOf(sum), value: said }))
    if (type === 'counter') return [{ labels: labelsOf(sum), value }]
    return histogramValues(name, labelsOf(sum), { bounds, counts, sum: value })
  }
  return [{ ...metric, values: all.flatMap(show) }]
}
