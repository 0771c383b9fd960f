/** A process of the test of two workers: takes one key as fast as it can until it is refused for good. */
import { LeasedCounters } from './leased-counters.ts'
import type { ToWorker } from './messages.ts'

const limit = Number(process.argv[2])
const counters = new LeasedCounters((message) => process.send?.(message), Date)
process.on('message', (message: ToWorker) => counters.receive(message))

let admitted = 0
let refusals = 0
while (refusals < 50) {
  const takes = Array.from({ length: 7 }, () => counters.take('k', limit))
  for (const taken of await Promise.all(takes.map((take) => Promise.resolve(take)))) {
    if (taken) admitted++
    else refusals++
  }
  // Some come and go on the way, so that permits wander between the processes.
  if (admitted % 3 === 0 && refusals === 0 && admitted > 0) {
    counters.release('k')
    admitted--
  }
  await new Promise((resolve) => setImmediate(resolve))
}
process.send?.({ admitted }, () => process.disconnect())
