import type { GaugeOptions, HistogramOptions, MetricOptions } from './metrics.ts'

export type MetricKind = 'counter' | 'gauge' | 'histogram'

/** A metric as it was declared: plain data, complete. */
export interface MetricDefinition {
  readonly kind: MetricKind
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  /** Of a histogram: upper bounds; the last bucket, beyond them, is not among them. */
  readonly buckets: readonly number[]
  /** What the workers of a node come to together. */
  readonly over: 'sum' | 'max' | 'min'
}

/** In milliseconds they reach from what is noticed by nobody to what is noticed by everybody. */
const usualBuckets: readonly number[] = [
  1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000,
]

/**
 * Completes what an author has said of a metric.
 * @throws TypeError that names the metric and says what is wrong
 */
export function defineMetric(
  kind: MetricKind,
  options: MetricOptions & Pick<GaugeOptions, 'over'> & Pick<HistogramOptions, 'buckets'>,
): MetricDefinition {
  const { name, help, labels = [] } = options
  const over = kind === 'gauge' ? (options.over ?? 'sum') : 'sum'
  const buckets = kind === 'histogram' ? (options.buckets ?? usualBuckets) : []
  const definition = { kind, name, help, labels: [...labels], buckets: [...buckets], over }
  const fault = faultOf(definition)
  if (fault !== undefined) throw new TypeError(`metric '${name}': ${fault}`)
  return definition
}

/** Each check with what it says when it fails. An author without types can write anything. */
const checks: readonly (readonly [holds: (it: MetricDefinition) => boolean, fault: string])[] = [
  [
    ({ name }) => isText(name) && /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name),
    'a name has letters, digits, _ and :, and does not begin with a digit',
  ],
  [({ help }) => isText(help) && help.trim() !== '', 'it needs a help text'],
  [
    ({ labels }) =>
      labels.every(
        (label) =>
          isText(label) && /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) && !label.startsWith('__'),
      ),
    'a label has letters, digits and _, and begins neither with a digit nor with __',
  ],
  [({ labels }) => new Set(labels).size === labels.length, 'a label is there twice'],
  [
    ({ kind, labels }) => kind !== 'histogram' || !labels.includes('le'),
    "a histogram has a label 'le' of its own",
  ],
  [({ over }) => ['sum', 'max', 'min'].includes(over), 'over is sum, max or min'],
  [
    ({ kind, buckets }) => kind !== 'histogram' || buckets.length > 0,
    'a histogram needs at least one bucket',
  ],
  [
    ({ buckets }) =>
      buckets.every(
        (bound, at) => Number.isFinite(bound) && bound > (buckets[at - 1] ?? -Infinity),
      ),
    'buckets are numbers, each above the one before',
  ],
]

function faultOf(definition: MetricDefinition): string | undefined {
  return checks.find(([holds]) => !holds(definition))?.[1]
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** Whether two declarations say the same. The order of the labels is that of the values, and counts. */
export function isSameMetric(one: MetricDefinition, other: MetricDefinition): boolean {
  return JSON.stringify(words(one)) === JSON.stringify(words(other))
}

function words({ kind, name, help, labels, buckets, over }: MetricDefinition): unknown[] {
  return [kind, name, help, labels, buckets, over]
}

/** For messages: what two declarations of one name may differ in. */
export function wordMetric({ kind, help, labels, buckets, over }: MetricDefinition): string {
  const parts = [
    labels.length > 0 ? `the labels ${labels.join(', ')}` : 'no labels',
    ...(kind === 'histogram' ? [`the buckets ${buckets.join(', ')}`] : []),
    ...(kind === 'gauge' ? [`over ${over}`] : []),
    `the help '${help}'`,
  ]
  return `a ${kind} with ${parts.join(', ')}`
}

/** The names under which a metric is shown: two metrics must not share one. */
export function shownNames({ kind, name }: MetricDefinition): readonly string[] {
  return kind === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
}
