import type { PhaseName } from './plugin.ts'
import { faultOfTarget } from './target-answer.ts'
import { isRejection, isTlsDecision } from './verdicts.ts'

/**
 * What is wrong with a plugin's answer in a phase, if anything. An untyped plugin can answer with anything, and what
 * is no answer is a fault of the plugin, never a "go on". Undefined and null are no answers and need no check.
 */
export function faultOf(phase: PhaseName, answer: unknown): string | undefined {
  return checks[phase](answer)
}

type Check = (answer: unknown) => string | undefined

const isGate: Check = (answer) =>
  isRejection(answer) ? undefined : 'the answer is neither undefined nor reject(…)'

const isDecision: Check = (answer) =>
  isTlsDecision(answer)
    ? undefined
    : 'the answer is neither undefined, terminate(…) nor passthrough'

/** Nothing is asked, so what comes back does not matter; but a refusal that nobody follows would let the client in. */
const isNoVerdict: Check = (answer) =>
  isRejection(answer) || isTlsDecision(answer) ? 'the phase proxy takes no verdict' : undefined

/** It is over: nothing that comes back matters. */
const isIgnored: Check = () => undefined

const checks: Readonly<Record<PhaseName, Check>> = {
  accept: isGate,
  preread: isGate,
  tls: isDecision,
  balance: (answer) => (isRejection(answer) ? undefined : faultOfTarget(answer)),
  proxy: isNoVerdict,
  log: isIgnored,
}
