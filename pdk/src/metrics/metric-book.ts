import {
  defineMetric,
  isSameMetric,
  shownNames,
  wordMetric,
  type MetricDefinition,
  type MetricKind,
} from './metric-definition.ts'
import { MetricFamily, type FamilyNews } from './metric-family.ts'
import type {
  Counter,
  FigureGroup,
  Gauge,
  GaugeOptions,
  Histogram,
  HistogramOptions,
  MetricOptions,
  Metrics,
  NoLabels,
} from './metrics.ts'

/** Who wants to know what is declared, and what is no longer. */
export interface BookKeeper {
  declared(definition: MetricDefinition): void
  retired(name: string): void
  shown(group: FigureGroup, isShown: boolean): void
}

/** A metric, and how many instances have declared it. */
interface Entry {
  readonly family: MetricFamily
  users: number
}

/** The metrics that the plugins of one process have declared. */
export class MetricBook {
  readonly #entries = new Map<string, Entry>()
  /** Whose every shown name is. */
  readonly #owners = new Map<string, string>()
  readonly #groups = new Map<FigureGroup, number>()
  readonly #keeper: BookKeeper
  readonly #reserved: ReadonlySet<string>

  /** @param reserved names that the gateway itself shows */
  constructor(keeper: BookKeeper, reserved: ReadonlySet<string> = new Set()) {
    this.#keeper = keeper
    this.#reserved = reserved
  }

  /** The metrics of one instance; what it declares is let go when the signal aborts. */
  open(signal: AbortSignal): Metrics {
    const held = new Set<string>()
    const groups = new Set<FigureGroup>()
    signal.addEventListener('abort', () => {
      for (const name of held) this.#release(name)
      for (const group of groups) this.#count(group, -1)
    })
    const declare = (kind: MetricKind, options: MetricOptions): MetricFamily => {
      const definition = defineMetric(kind, options)
      // Nobody looks at what is counted when it is all over.
      if (signal.aborted) return new MetricFamily(definition)
      const entry = this.#enter(definition)
      if (!held.has(definition.name)) {
        held.add(definition.name)
        this.#hold(entry)
      }
      return entry.family
    }
    return {
      counter: <Name extends string>(options: MetricOptions<Name>) =>
        counterOf<Name>(declare('counter', options)),
      gauge: <Name extends string>(options: GaugeOptions<Name>) =>
        gaugeOf<Name>(declare('gauge', options)),
      histogram: <Name extends string>(options: HistogramOptions<Name>) =>
        histogramOf<Name>(declare('histogram', options)),
      show: (group) => {
        if (groups.has(group) || signal.aborted) return
        groups.add(group)
        this.#count(group, 1)
      },
    }
  }

  find(name: string): MetricFamily | undefined {
    return this.#entries.get(name)?.family
  }

  names(): readonly string[] {
    return [...this.#entries.keys()]
  }

  /** What has changed since this was last asked for. */
  take(): readonly FamilyNews[] {
    return [...this.#entries.values()].flatMap(({ family }) => family.take() ?? [])
  }

  /** @throws TypeError when the name means something else */
  #enter(definition: MetricDefinition): Entry {
    const { name } = definition
    const known = this.#entries.get(name)
    if (known) {
      const before = known.family.definition
      if (isSameMetric(before, definition)) return known
      const why = `it is declared already as ${wordMetric(before)}; it cannot be ${wordMetric(definition)}, too`
      throw new TypeError(`metric '${name}': ${why}`)
    }
    const names = shownNames(definition)
    const own = names.find((shown) => this.#reserved.has(shown))
    if (own !== undefined) {
      throw new TypeError(`metric '${name}': the gateway itself has a metric '${own}'`)
    }
    const taken = names.find((shown) => this.#owners.has(shown))
    if (taken !== undefined) {
      const owner = this.#owners.get(taken)
      throw new TypeError(`metric '${name}': '${taken}' belongs to the metric '${owner}' already`)
    }
    const entry = { family: new MetricFamily(definition), users: 0 }
    this.#entries.set(name, entry)
    for (const shown of names) this.#owners.set(shown, name)
    return entry
  }

  #hold(entry: Entry): void {
    entry.users += 1
    if (entry.users === 1) this.#keeper.declared(entry.family.definition)
  }

  #release(name: string): void {
    const entry = this.#entries.get(name)
    if (!entry) return
    entry.users -= 1
    if (entry.users > 0) return
    this.#keeper.retired(name)
    this.#entries.delete(name)
    for (const shown of shownNames(entry.family.definition)) this.#owners.delete(shown)
  }

  #count(group: FigureGroup, by: 1 | -1): void {
    const before = this.#groups.get(group) ?? 0
    this.#groups.set(group, before + by)
    if (before === 0 || before + by === 0) this.#keeper.shown(group, by === 1)
  }
}

const none: NoLabels = Object.freeze({})

function counterOf<Name extends string>(family: MetricFamily): Counter<Name> {
  return {
    inc: (labels = none, by = 1) => {
      const amount = numberOf(family, by)
      if (amount < 0) throw wrongValue(family, by, 'takes numbers of 0 and more')
      family.add(labels, amount)
    },
  }
}

function gaugeOf<Name extends string>(family: MetricFamily): Gauge<Name> {
  return {
    set: (labels, value) => family.set(labels, numberOf(family, value)),
    inc: (labels = none, by = 1) => family.add(labels, numberOf(family, by)),
  }
}

function histogramOf<Name extends string>(family: MetricFamily): Histogram<Name> {
  return { observe: (labels, value) => family.observe(labels, numberOf(family, value)) }
}

function numberOf(family: MetricFamily, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw wrongValue(family, value, 'takes finite numbers')
  }
  return value
}

function wrongValue({ definition }: MetricFamily, value: unknown, what: string): RangeError {
  return new RangeError(`metric '${definition.name}' ${what}, not ${String(value)}`)
}
