import { parseArgs } from 'node:util'

export const proxyNames = ['native', 'portable', 'nginx', 'haproxy'] as const
export const figureNames = [
  'connections',
  'plugins',
  'requests',
  'bulk',
  'start',
  'memory',
] as const

export type ProxyName = (typeof proxyNames)[number]
export type FigureName = (typeof figureNames)[number]

export interface Options {
  readonly rounds: number
  /** How long each load lasts. */
  readonly seconds: number
  readonly proxies: readonly ProxyName[]
  readonly figures: readonly FigureName[]
  /** Whether a part was asked for, whose results must not replace those of a whole run. */
  readonly partial: boolean
}

export const usage = `npm run bench -- [--rounds N] [--seconds N] [--only NAME,NAME…]
  --rounds   how often each measurement is repeated (5)
  --seconds  how long each load lasts (3)
  --only     any of ${[...proxyNames, ...figureNames].join(', ')}`

/** Reads the command line; throws with the name of what it does not understand. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
    },
  })
  const only = values.only.split(',').filter((word) => word !== '')
  const known: readonly string[] = [...proxyNames, ...figureNames]
  const unknown = only.find((word) => !known.includes(word))
  if (unknown !== undefined) throw new Error(`--only: ${unknown} is none of ${known.join(', ')}`)
  return {
    rounds: wholeNumber('--rounds', values.rounds, 50),
    seconds: wholeNumber('--seconds', values.seconds, 60),
    proxies: pick(proxyNames, only),
    figures: pick(figureNames, only),
    partial: only.length > 0,
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
