import type { MetricDefinition } from './metric-definition.ts'

/** The most series of one metric: beyond it nothing is counted but how often that happened. */
export const mostSeries = 10_000

/** What a series has come to since it was last taken; of a gauge: what it is now. */
export interface SeriesNews {
  /** In the order in which the labels were declared. */
  readonly values: readonly string[]
  /** Of a histogram: the sum of what was observed. */
  readonly value: number
  /** Of a histogram: how many fell into each bucket, the last beyond all bounds. */
  readonly counts?: readonly number[]
}

export interface FamilyNews {
  readonly name: string
  readonly series: readonly SeriesNews[]
  /** How often something was not counted for want of room. */
  readonly dropped: number
}

/** A series, or what leads to some: by the value of their first label, then of the next. */
class Series {
  below: Map<string, Series> | undefined
  /** Of a series; of what only leads to some there are none. */
  values: readonly string[] | undefined
  value = 0
  counts: number[] | undefined
  isChanged = false
}

type Value = string | number | undefined
type AnyLabels = Readonly<Record<string, Value>>

/** A metric with its series, in one process. */
export class MetricFamily {
  readonly definition: MetricDefinition
  readonly #limit: number
  readonly #root = new Series()
  #size = 0
  #dropped = 0
  #changed: Series[] = []

  constructor(definition: MetricDefinition, limit = mostSeries) {
    this.definition = definition
    this.#limit = limit
  }

  /** Of a counter or a gauge. */
  add(labels: AnyLabels, by: number): void {
    const series = this.#at(labels)
    if (series === undefined) return
    series.value += by
    if (!series.isChanged) this.#note(series)
  }

  /** Of a gauge. */
  set(labels: AnyLabels, value: number): void {
    const series = this.#at(labels)
    if (series === undefined) return
    series.value = value
    if (!series.isChanged) this.#note(series)
  }

  /** Of a histogram. */
  observe(labels: AnyLabels, value: number): void {
    const series = this.#at(labels)
    if (series === undefined) return
    const { buckets } = this.definition
    const counts = (series.counts ??= [0, ...buckets.map(() => 0)])
    let bucket = 0
    while (value > (buckets[bucket] ?? Infinity)) bucket += 1
    counts[bucket] = (counts[bucket] ?? 0) + 1
    series.value += value
    if (!series.isChanged) this.#note(series)
  }

  /** What has changed since this was last asked for; undefined: nothing. */
  take(): FamilyNews | undefined {
    if (this.#changed.length === 0 && this.#dropped === 0) return undefined
    const { name, kind } = this.definition
    const series = this.#changed.map((each): SeriesNews => {
      const news = newsOf(each)
      each.isChanged = false
      each.counts = undefined
      if (kind !== 'gauge') each.value = 0
      return news
    })
    const dropped = this.#dropped
    this.#changed = []
    this.#dropped = 0
    return { name, series, dropped }
  }

  /** What is kept now; of what was never taken that is everything. */
  read(): FamilyNews {
    return { name: this.definition.name, series: [...seriesIn(this.#root)], dropped: this.#dropped }
  }

  #at(labels: AnyLabels): Series | undefined {
    let at: Series | undefined = this.#root
    for (const name of this.definition.labels) {
      const value = labels[name]
      at = at.below?.get(typeof value === 'string' ? value : textOf(value))
      if (at === undefined) return this.#open(labels)
    }
    return at.values ? at : this.#open(labels)
  }

  /**
   * A series of labels that have none yet.
   * @returns undefined when there is no room for another one
   * @throws TypeError for a label that was not declared
   */
  #open(labels: AnyLabels): Series | undefined {
    const { name, labels: names } = this.definition
    const unknown = Object.keys(labels).find((label) => !names.includes(label))
    if (unknown !== undefined) throw new TypeError(`metric '${name}' has no label '${unknown}'`)
    if (this.#size >= this.#limit) {
      this.#dropped += 1
      return undefined
    }
    this.#size += 1
    const values = names.map((label) => textOf(labels[label]))
    const series = values.reduce(below, this.#root)
    series.values = values
    return series
  }

  #note(series: Series): void {
    series.isChanged = true
    this.#changed.push(series)
  }
}

function below(series: Series, value: string): Series {
  series.below ??= new Map()
  const known = series.below.get(value)
  if (known) return known
  const made = new Series()
  series.below.set(value, made)
  return made
}

/** A label that is left out is empty, as Prometheus has it. */
function textOf(value: Value): string {
  return String(value ?? '')
}

function newsOf({ values = [], value, counts }: Series): SeriesNews {
  return counts === undefined ? { values, value } : { values, value, counts: [...counts] }
}

function* seriesIn(at: Series): Generator<SeriesNews> {
  if (at.values) yield newsOf(at)
  for (const each of at.below?.values() ?? []) yield* seriesIn(each)
}
