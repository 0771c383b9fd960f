/** The labels of one series: a value for every name that was declared. */
export type Labels<Name extends string> = { readonly [N in Name]: string | number }

/** What is said of a metric, once. It must not depend on the configuration: all instances of a plugin share it. */
export interface MetricOptions<Name extends string = string> {
  /** As Prometheus has it: letters, digits, `_` and `:`; in full, as nothing is put before it. */
  readonly name: string
  /** One line that says what it counts, and in which unit. */
  readonly help: string
  /** Names of labels. Their values should be few: a metric has 10,000 series at most, and counts no further ones. */
  readonly labels?: readonly Name[]
}

export interface GaugeOptions<Name extends string = string> extends MetricOptions<Name> {
  /** What the workers of a node come to together; their sum by default. */
  readonly over?: 'sum' | 'max' | 'min'
}

export interface HistogramOptions<Name extends string = string> extends MetricOptions<Name> {
  /** Upper bounds, each above the one before; by default 1 to 10,000, which suits milliseconds. */
  readonly buckets?: readonly number[]
}

/** Of a metric that has none. */
export type NoLabels = Readonly<Record<string, never>>

/** Labels come first; a metric that has none needs none. */
type Counting<Name extends string> = [Name] extends [never]
  ? [labels?: NoLabels, by?: number]
  : [labels: Labels<Name>, by?: number]

/** A number that only grows. */
export interface Counter<Name extends string = never> {
  /**
   * Adds `by`, 1 by default; costs a look-up for each label.
   * @throws RangeError for less than 0, or no number
   */
  inc(...labelsAndBy: Counting<Name>): void
}

/** A number that goes up and down. */
export interface Gauge<Name extends string = never> {
  /** @throws RangeError for what is no number */
  set(labels: Labels<Name>, value: number): void
  /** Adds `by`, 1 by default, which may be less than 0. @throws RangeError for what is no number */
  inc(...labelsAndBy: Counting<Name>): void
}

/** How values are spread. */
export interface Histogram<Name extends string = never> {
  /** @throws RangeError for what is no number */
  observe(labels: Labels<Name>, value: number): void
}

/** Figures of its own that the gateway shows only while somebody asks for them. */
export type FigureGroup = 'upstream_health'

/**
 * Metrics that `/metrics` shows, summed over the workers of the node. What is counted reaches them about once a second.
 * A metric is there as long as an instance that has declared it; all who declare the same share it. Declare in
 * `setup`, keep what you get in the state.
 */
export interface Metrics {
  /** @throws TypeError for a name that is none, or that is declared already as something else */
  counter<const Name extends string = never>(options: MetricOptions<Name>): Counter<Name>
  /** @throws as `counter` does */
  gauge<const Name extends string = never>(options: GaugeOptions<Name>): Gauge<Name>
  /** @throws as `counter` does */
  histogram<const Name extends string = never>(options: HistogramOptions<Name>): Histogram<Name>
  /** Has the gateway show figures of its own, as long as the instance is there. */
  show(group: FigureGroup): void
}
