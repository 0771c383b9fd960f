import { AggregatorRegistry, Registry } from 'prom-client'

/** A value of a metric under some labels; a part of a histogram has a name of its own. */
export interface ShownValue {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly metricName?: string
}

/** A metric with what one source says of it. */
export interface ShownMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** What several sources come to together. */
  readonly aggregator: 'sum' | 'max' | 'min'
  readonly values: readonly ShownValue[]
}

/** A text that scrapers read, and its media type. */
export interface MetricsText {
  readonly type: string
  readonly text: string
}

const { OPENMETRICS_CONTENT_TYPE: open } = Registry

/**
 * Words metrics; those of one name are taken together.
 * @param isOpen in the format of OpenMetrics 1.0, else in the text format 0.0.4
 */
export async function wordMetrics(
  metrics: readonly ShownMetric[],
  isOpen: boolean,
): Promise<MetricsText> {
  const worded = isOpen ? metrics.map(openly) : metrics
  const registry = AggregatorRegistry.aggregate(worded.map((metric) => [metric]))
  if (isOpen) registry.setContentType(open)
  return { type: registry.contentType, text: await registry.metrics() }
}

/**
 * A counter's name ends in `_total` there, which prom-client adds. One that Kong calls otherwise keeps the name that
 * dashboards know it by, at the price of its type.
 */
function openly(metric: ShownMetric): Omit<ShownMetric, 'type'> & { readonly type: string } {
  if (metric.type !== 'counter') return metric
  const ending = '_total'
  return metric.name.endsWith(ending)
    ? { ...metric, name: metric.name.slice(0, -ending.length) }
    : { ...metric, type: 'unknown' }
}

/** The lines of a histogram. @param counts how many values fell into each bucket, the last beyond all bounds */
export function histogramValues(
  name: string,
  labels: Readonly<Record<string, string>>,
  {
    bounds,
    counts,
    sum,
  }: {
    readonly bounds: readonly number[]
    readonly counts: readonly number[]
    readonly sum: number
  },
): readonly ShownValue[] {
  let count = 0
  const buckets = [...bounds.map(String), '+Inf'].map((le, at) => {
    count += counts[at] ?? 0
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
