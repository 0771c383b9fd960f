import type { AddOptions } from '../kit.ts'

/** An addition to a shared number, checked and complete: whole numbers that a database keeps exactly. */
export interface Addition {
  readonly key: string
  readonly amount: number
  /** The number may not pass it by this addition; one that takes away is never held up. */
  readonly limit: number
  readonly lasts: Lasting
}

/** Until when a number is kept, or for how long what is added stays in it; all in milliseconds. */
export type Lasting =
  | { readonly until: number; readonly after?: undefined }
  | { readonly after: number; readonly at?: number | undefined }

/** The longest key of a shared number, in UTF-16 code units: a database's index has no room for more. */
const longestKey = 512

/** @throws TypeError for what cannot be a key: empty, too long, or no well-formed text */
export function checkSharedKey(key: string): void {
  if (typeof key !== 'string' || key === '') throw new TypeError('a shared key is a text')
  if (key.length > longestKey) {
    throw new TypeError(`a shared key has at most ${longestKey} characters, not ${key.length}`)
  }
  if (key.includes('\0') || !key.isWellFormed()) {
    throw new TypeError('a shared key is well-formed text without a NUL character')
  }
}

/** @throws TypeError for a key, amount, time or limit that cannot be counted with */
export function checkAddition(key: string, amount: number, options: AddOptions): Addition {
  const { limit = Infinity } = options
  checkSharedKey(key)
  if (!Number.isSafeInteger(amount)) {
    throw new TypeError(`the amount of a shared number is an integer, not ${String(amount)}`)
  }
  if (typeof limit !== 'number' || Number.isNaN(limit)) {
    throw new TypeError(`the limit of a shared number is a number, not ${String(limit)}`)
  }
  return { key, amount, limit: whole(limit), lasts: checkLasting(options) }
}

function checkLasting(options: AddOptions): Lasting {
  if (!('after' in options)) return { until: whole(Math.ceil(checkTime('until', options.until))) }
  const { after, at } = options
  if ('until' in options) throw new TypeError('a shared number has either until or after')
  if (!Number.isFinite(after) || after <= 0) {
    throw new TypeError(`after is a number of milliseconds above 0, not ${String(after)}`)
  }
  return at === undefined ? { after } : { after, at: checkTime('at', at) }
}

function checkTime(name: string, time: number): number {
  if (Number.isFinite(time)) return time
  throw new TypeError(`${name} is a time in milliseconds since the epoch, not ${String(time)}`)
}

function whole(value: number): number {
  const { MAX_SAFE_INTEGER: most, MIN_SAFE_INTEGER: least } = Number
  return Math.max(least, Math.min(most, Math.floor(value)))
}

/** Whether a number can take an addition. */
export function fits(
  number: number,
  { amount, limit }: Pick<Addition, 'amount' | 'limit'>,
): boolean {
  const sum = number + amount
  return amount < 0 ? sum >= Number.MIN_SAFE_INTEGER : sum <= limit
}
