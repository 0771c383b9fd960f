import { Invalid, type Kind, type Place } from './kind.ts'

const unitLengths = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const bytes = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const

/** What a text with a unit may be: the bounds are written as an operator would write them. */
export interface Bounds {
  readonly min: string
  readonly max: string
}

/** A length of time, in milliseconds once parsed. A bare number is seconds. */
export function duration(bounds: Bounds): Kind<number> {
  return span(bounds, 's')
}

/** The same, but a bare number is milliseconds, as Kong writes the times of its database. */
export function milliseconds(bounds: Bounds): Kind<number> {
  return span(bounds, 'ms')
}

const words = { s: 'seconds', ms: 'milliseconds' } as const

function span(bounds: Bounds, bare: keyof typeof words): Kind<number> {
  const min = readDuration(bounds.min) ?? 0
  const max = readDuration(bounds.max) ?? 0
  const rule = `a bare number is ${words[bare]}`
  return {
    accepts: `${bare === 's' ? 'duration' : 'milliseconds'}, ${bounds.min} to ${bounds.max}`,
    parse(text, { name }) {
      const value = readDuration(text, bare)
      if (value === undefined) {
        throw new Invalid(
          `${name} is not a duration: '${text}' (a number with ms, s, m, h or d, such as 500ms; ${rule})`,
        )
      }
      if (value >= min && value <= max) return value
      // Whoever wrote 5000 may have thought of milliseconds.
      const told = /^[\d.]+$/.test(text) ? `, so this is ${text}${bare}` : ''
      throw new Invalid(
        `${name} is out of range: '${text}' (${bounds.min} to ${bounds.max}; ${rule}${told})`,
      )
    },
  }
}

/** Milliseconds, or nothing when the text is no duration; `bare` is the unit of a number without one. */
export function readDuration(text: string, bare: keyof typeof words = 's'): number | undefined {
  const [, number, unit = bare] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? []
  if (number === undefined || !isKey(unitLengths, unit)) return undefined
  return Math.round(Number(number) * unitLengths[unit])
}

/** An amount of memory or data, in bytes once parsed; `k`, `m` and `g` are powers of 1024. */
export function size(bounds: Bounds): Kind<number> {
  const min = readSize(bounds.min) ?? 0
  const max = readSize(bounds.max) ?? 0
  return {
    accepts: `size, ${bounds.min} to ${bounds.max}`,
    parse: (text, at) => checkSize(text, at, { ...bounds, from: min, to: max }),
  }
}

function checkSize(
  text: string,
  { name }: Place,
  bounds: Bounds & { readonly from: number; readonly to: number },
): number {
  const value = readSize(text)
  if (value === undefined) {
    throw new Invalid(
      `${name} is not a size: '${text}' (a number of bytes, or with k, m or g, such as 16k)`,
    )
  }
  if (value >= bounds.from && value <= bounds.to) return value
  throw new Invalid(
    `${name} is out of range: '${text}' (${bounds.min} to ${bounds.max}; a bare number is bytes)`,
  )
}

function readSize(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+)([kmg])?$/i.exec(text) ?? []
  const key = unit.toLowerCase()
  if (number === undefined || !isKey(bytes, key)) return undefined
  return Number(number) * bytes[key]
}

function isKey<T extends object>(table: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(table, key)
}
