import { parentPort, workerData } from 'node:worker_threads'
import { place } from '../../plugins/running-place.ts'
import type { Culprit, Named, Seen, Watch } from './messages.ts'
import { lookEvery, Stall } from './stall.ts'

/** The thread that watches the main thread of a worker. What a report needs is read once there is something to report. */

const watch: Watch = workerData
const stall = new Stall(watch.cell, watch.limit)
const culprits = new Map<number, Culprit>()

parentPort?.on('message', ({ serial, culprit }: Named) => {
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
  const serial = Atomics.load(watch.cell, place.serial)
  // Another watchdog of this process knows that one.
  if (serial !== 0 && !culprits.has(serial)) return
  isBusy = true
  void report(step, seen(serial)).finally(() => (isBusy = false))
}, lookEvery)

/** What the cells say now: what comes next takes a while. */
function seen(serial: number): Seen {
  const { cell, phases } = watch
  return {
    milliseconds: stall.milliseconds,
    culprit: culprits.get(serial),
    phase: phases[Atomics.load(cell, place.phase)],
    isTold,
    isPreparing: Atomics.load(cell, place.preparing) > 0,
  }
}

async function report(step: 'name' | 'end', what: Seen): Promise<void> {
  const { reportStall } = await import('./report-stall.ts')
  isTold = await reportStall(step, what, watch, [...culprits.values()])
}
