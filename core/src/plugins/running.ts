import { phaseNames, type PhaseName } from '@kong-ts/pdk'
import { place } from './running-place.ts'

/**
 * What this process does right now, in memory that a watchdog can read while nothing else of the process runs: beats of
 * its event loop, the serial of the plugin instance that runs (0: none) and in which phase, and how many changes of the
 * configuration are being prepared.
 */
export const running = new Int32Array(new SharedArrayBuffer(16))

/** The number of a phase in `running`. */
export function phaseNumber(phase: PhaseName): number {
  return phaseNames.indexOf(phase)
}

/** An instance begins to run. Plain stores: whoever reads them does so after a second in which nothing changed. */
export function beginRun(serial: number, phase: number): void {
  running[place.phase] = phase
  running[place.serial] = serial
}

export function endRun(): void {
  running[place.serial] = 0
}

/** Setup may take its time. */
export async function preparing<T>(work: () => Promise<T>): Promise<T> {
  Atomics.add(running, place.preparing, 1)
  try {
    return await work()
  } finally {
    Atomics.sub(running, place.preparing, 1)
  }
}
