import { setImmediate } from 'node:timers/promises'
import { performance } from 'node:perf_hooks'

/** Milliseconds that work in pieces may keep the process at a time. */
const stretch = 8

/** Runs work in pieces to its end at once. */
export function runSteps<R>(work: Generator<undefined, R>): R {
  let step = work.next()
  while (step.done !== true) step = work.next()
  return step.value
}

/** Runs work in pieces, and lets everything else in this process have its turn in between. */
export async function runStepsApart<R>(work: Generator<undefined, R>): Promise<R> {
  let since = performance.now()
  let step = work.next()
  while (step.done !== true) {
    if (performance.now() - since > stretch) {
      await setImmediate()
      since = performance.now()
    }
    step = work.next()
  }
  return step.value
}
