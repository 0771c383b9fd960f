import { parentPort, workerData } from 'node:worker_threads'
import { lookEvery, Stall } from './stall.mjs'

/**
 * The thread that watches the main thread of a worker. Plain JavaScript: what reads TypeScript would take more than half
 * of the thread's memory. What a report needs is read once there is something to report.
 */

/** @type {import('./messages.ts').Watch} */
const watch = workerData
const { cell, place, phases } = watch
const stall = new Stall(() => Atomics.load(cell, place.beat), watch.limit)
/** @type {Map<number, import('./messages.ts').Culprit>} */
const culprits = new Map()

parentPort?.on('message', ({ serial, culprit }) => {
  if (culprit) culprits.set(serial, culprit)
  else culprits.delete(serial)
})
let isBusy = false
/** Whether the present stall was told to have lasted too long. */
let isTold = false

setInterval(() => {
  const step = stall.look()
  if (step !== 'end') isTold = false
  if (!step || isBusy) return
  const serial = Atomics.load(cell, place.serial)
  // Another watchdog of this process knows that one.
  if (serial !== 0 && !culprits.has(serial)) return
  isBusy = true
  void report(step, seen(serial)).finally(() => (isBusy = false))
}, lookEvery)

/** What the cells say now: what comes next takes a while. */
function seen(serial) {
  return {
    milliseconds: stall.milliseconds,
    culprit: culprits.get(serial),
    phase: phases[Atomics.load(cell, place.phase)],
    isTold,
    isPreparing: Atomics.load(cell, place.preparing) > 0,
  }
}

async function report(step, what) {
  const { reportStall } = await import('./report-stall.ts')
  isTold = await reportStall(step, what, watch, [...culprits.values()])
}
