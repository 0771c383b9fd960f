import type { Rule } from './rules.ts'

/** Milliseconds; a timer may be a little early, and a permit may be given back at any time. */
const shortest = 5
const longest = 250

/** How long it takes until a permit may be free: to the end of a window, or until one comes back. */
export function patienceOf(rules: readonly Rule[], now: number): number {
  const nearest = Math.min(...rules.map((rule) => stepOf(rule, now)))
  return Math.min(Math.max(nearest, shortest), longest)
}

function stepOf(rule: Rule, now: number): number {
  if (rule.returns === undefined) return rule.windowAt(now).end - now
  return 'every' in rule.returns ? rule.returns.every : rule.returns.after / 100
}
