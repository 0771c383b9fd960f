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

const isDecision: Check = (answer) => {
  if (!isTlsDecision(answer)) {
    return 'the answer is neither undefined, terminate(…) nor passthrough'
  }
  const alpn: unknown = 'alpn' in answer ? answer.alpn : undefined
  return alpn === undefined || isProtocols(alpn)
    ? undefined
    : 'the alpn of terminate(…) is no list of protocols, each of 1 to 255 bytes'
}

/** RFC 7301 section 3.1: each name has a length of one byte before it, and all of them one of two. */
function isProtocols(list: unknown): boolean {
  if (!Array.isArray(list)) return false
  const lengths = list.map((name) => (typeof name === 'string' ? Buffer.byteLength(name) : 0))
  return (
    lengths.every((length) => length >= 1 && length <= 255) &&
    lengths.reduce((sum, length) => sum + length + 1, 0) <= 65_535
  )
}

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
