import type { AddOptions } from './kit.ts'

/** An addition to a shared number, checked and complete: whole numbers that a database keeps exactly. */
export interface Addition {
  readonly key: string
  readonly amount: number
  /** The number may not pass it by this addition; one that takes away is never held up. */
  readonly limit: number
  /** Milliseconds since the epoch. */
  readonly until: number
}

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
export function checkAddition(
  key: string,
  amount: number,
  { until, limit = Infinity }: AddOptions,
): Addition {
  checkSharedKey(key)
  if (!Number.isSafeInteger(amount)) {
    throw new TypeError(`the amount of a shared number is an integer, not ${String(amount)}`)
  }
  if (!Number.isFinite(until)) {
    throw new TypeError(`until is a time in milliseconds since the epoch, not ${String(until)}`)
  }
  if (typeof limit !== 'number' || Number.isNaN(limit)) {
    throw new TypeError(`the limit of a shared number is a number, not ${String(limit)}`)
  }
  return { key, amount, limit: whole(limit), until: whole(Math.ceil(until)) }
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
