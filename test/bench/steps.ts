import type { Aim } from './drive.ts'
import type { Figure } from './figures.ts'
import { latencies, latencyFigures, type Latency } from './latencies.ts'
import { costOf, loads, rateOf, withVariant, type Load } from './loads.ts'
import { measure, measureLatency } from './measure.ts'
import type { FigureName, Options, VariantName } from './options.ts'
import { isInstalled } from './processes.ts'
import type { Place } from './place.ts'
import { portOf, type ServiceName, type Site } from './site.ts'

/** Of a figure; none where there is nobody who could pay. */
export type Value = number | undefined

/** What is done to each proxy in turn, in each round. */
export interface Step {
  readonly name: FigureName
  readonly what: string
  readonly service: ServiceName
  readonly variant: VariantName
  readonly seconds: number
  /** Seconds before the first round. */
  readonly warmUp: number
  /** The figures that it takes, the one to show while it runs first. */
  readonly figures: readonly Figure[]
  /** Answers with a value for each figure. */
  readonly take: (aim: Aim, pid: number | undefined) => Promise<readonly Value[]>
}

/** Seconds. */
const shortly = 1

function loadStep(load: Load, variant: VariantName, { seconds }: Options): Step {
  const perUnit = load.unit === 's' ? 1e6 : 1
  return {
    name: load.name,
    what: withVariant(load.work, variant),
    service: load.service,
    variant,
    seconds: load.lasts && variant === 'guarded' ? Math.ceil(seconds / 3) : seconds,
    // Some thousands of connections, before V8 has compiled what each of them runs through.
    warmUp: load.lasts ? shortly : 2 * seconds,
    figures: [costOf(load, variant), rateOf(load, variant)],
    take: async (aim, pid) => {
      const { cost, units, seconds: took } = await measure(load.drive, aim, pid)
      return [cost && cost / perUnit, units / took]
    },
  }
}

function latencyStep(latency: Latency, { seconds }: Options): Step {
  const { work, service, variant, kind } = latency
  return {
    name: 'latency',
    what: `latency of a ${work}`,
    service,
    variant,
    seconds,
    warmUp: shortly,
    figures: latencyFigures(latency),
    take: async (aim) => {
      const { p50, p99 } = await measureLatency(kind, aim)
      return [p50, p99]
    },
  }
}

/** The steps that are asked for and that what is installed allows, in their order. */
export function stepsOf(options: Options, services: readonly ServiceName[]): Step[] {
  const { figures, variants } = options
  const ofLoads = loads
    .filter(({ needs }) => isInstalled(needs))
    .flatMap((load) => variants.map((variant) => loadStep(load, variant, options)))
  const ofLatency = latencies
    .filter(({ variant }) => variants.includes(variant))
    .map((latency) => latencyStep(latency, options))
  return [...ofLoads, ...ofLatency].filter(
    ({ name, service }) => figures.includes(name) && services.includes(service),
  )
}

export function isFor({ name, variant }: Step, { proxy }: Place): boolean {
  return proxy.figures.includes(name) && !(proxy.isDirect && variant === 'guarded')
}

/** Where a step goes through a proxy. */
export function aimAt({ service, variant }: Step, site: Site, seconds: number): Aim {
  return { port: portOf(site, service, variant === 'guarded'), seconds, identity: site.identity }
}
