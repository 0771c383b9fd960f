import type { Part } from '../kit.ts'

/** So many groups at most are told apart: nothing leaves later than by such a part of its time. */
const mostGroups = 100

/**
 * When what is taken at a moment comes back, all in milliseconds: what is taken at about the same time comes back
 * together, never too early.
 */
export function returnTime(taken: number, after: number): number {
  const width = Math.max(1, after / mostGroups)
  return Math.ceil(taken / width) * width + after
}

/** What is still there. */
export function partsAt(parts: readonly Part[], now: number): readonly Part[] {
  return parts.filter(({ until }) => until > now)
}

export function totalOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { amount }) => sum + amount, 0)
}

/** With so much more, which leaves at a time. */
function withPart(parts: readonly Part[], { until, amount }: Part): readonly Part[] {
  const same = parts.find((part) => part.until === until)
  const others = parts.filter((part) => part !== same)
  return [...others, { until, amount: amount + (same?.amount ?? 0) }].toSorted(
    (a, b) => a.until - b.until,
  )
}

/** Without so much of what came last, as far as there is so much. */
function withoutLast(parts: readonly Part[], amount: number): readonly Part[] {
  let left = amount
  const kept: Part[] = []
  for (const part of parts.toReversed()) {
    const less = Math.min(left, part.amount)
    left -= less
    if (part.amount > less) kept.push({ until: part.until, amount: part.amount - less })
  }
  return kept.toReversed()
}

/** What one more addition, made at `now` unless it says otherwise, makes of them. */
export function addToParts(
  parts: readonly Part[],
  { amount, after, at }: { amount: number; after: number; at?: number | undefined },
  now: number,
): readonly Part[] {
  if (amount < 0) return withoutLast(parts, -amount)
  const until = returnTime(at ?? now, after)
  return amount === 0 || until <= now ? parts : withPart(parts, { until, amount })
}
