import type { ProbePlan } from './checks.ts'

/** Bytes of an answer that are looked at. */
export const answerLimit = 4096

/** Holds the answer to a probe, as it comes in, against what is expected of it. */
export interface Expectation {
  /** True once it is met, false once it cannot be any more, undefined as long as either may be. */
  hear(chunk: Buffer): boolean | undefined
}

/** What the answer begins with and what it matches, where both are expected; undefined where nothing is. */
export function expectationOf({
  expect,
  regex,
}: Pick<ProbePlan, 'expect' | 'regex'>): Expectation | undefined {
  if (expect === undefined && regex === undefined) return undefined
  let heard = Buffer.alloc(0)
  return {
    hear(chunk) {
      heard = Buffer.concat([heard, chunk]).subarray(0, answerLimit)
      const verdicts = new Set([begins(heard, expect), matches(heard, regex)])
      if (verdicts.has(false)) return false
      return verdicts.has(undefined) ? undefined : true
    },
  }
}

function begins(heard: Buffer, expected: Buffer | undefined): boolean | undefined {
  if (expected === undefined) return true
  const length = Math.min(heard.length, expected.length)
  if (heard.compare(expected, 0, length, 0, length) !== 0) return false
  return length === expected.length ? true : undefined
}

function matches(heard: Buffer, regex: RegExp | undefined): boolean | undefined {
  if (regex === undefined || regex.test(heard.toString('latin1'))) return true
  return heard.length === answerLimit ? false : undefined
}
