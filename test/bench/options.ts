import { parseArgs } from 'node:util'

export const proxyNames = [
  'native',
  'portable',
  'nginx',
  'haproxy',
  'haproxy-splice',
  'direct',
] as const
export const figureNames = [
  'connections',
  'requests',
  'bulk',
  'bulk8',
  'sni',
  'tls-connections',
  'tls-requests',
  'tls-bulk',
  'latency',
  'start',
  'memory',
  'memory-tls',
] as const
/** Without plugins, and with three. */
export const variantNames = ['bare', 'guarded'] as const

export type ProxyName = (typeof proxyNames)[number]
export type FigureName = (typeof figureNames)[number]
export type VariantName = (typeof variantNames)[number]

export interface Options {
  readonly rounds: number
  /** How long each load lasts. */
  readonly seconds: number
  readonly proxies: readonly ProxyName[]
  readonly figures: readonly FigureName[]
  readonly variants: readonly VariantName[]
  /** Where profiles of each load are put; none are taken without it. */
  readonly profile: string | undefined
  /** Whether a part was asked for, whose results must not replace those of a whole run. */
  readonly partial: boolean
}

export const usage = `npm run bench -- [--rounds N] [--seconds N] [--only NAME,NAME…] [--profile FOLDER]
  --rounds   how often each measurement is repeated (5)
  --seconds  how long each load lasts (3)
  --only     any of
             ${proxyNames.join(', ')};
             ${figureNames.join(', ')};
             ${variantNames.join(', ')}
             of each line all where none is named
  --profile  takes no measurements but, of each load, what perf says of where the proxy's time goes`

/** Reads the command line; throws with the name of what it does not understand. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      profile: { type: 'string' },
    },
  })
  const only = values.only.split(',').filter((word) => word !== '')
  const known: readonly string[] = [...proxyNames, ...figureNames, ...variantNames]
  const unknown = only.find((word) => !known.includes(word))
  if (unknown !== undefined) throw new Error(`--only: ${unknown} is none of ${known.join(', ')}`)
  return {
    rounds: wholeNumber('--rounds', values.rounds, 50),
    seconds: wholeNumber('--seconds', values.seconds, 60),
    proxies: pick(proxyNames, only),
    figures: pick(figureNames, only),
    variants: pick(variantNames, only),
    profile: values.profile,
    partial: only.length > 0 || values.profile !== undefined,
  }
}

function wholeNumber(name: string, text: string, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new Error(`${name}: ${text} is not a whole number from 1 to ${most}`)
}

function pick<T extends string>(all: readonly T[], only: readonly string[]): readonly T[] {
  const picked = all.filter((name) => only.includes(name))
  return picked.length > 0 ? picked : all
}
