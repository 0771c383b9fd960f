import { readdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Gateway, Line } from '../gateway.ts'
import { residentKib } from '../proc.ts'
import type { Behind } from './site.ts'

/** What was seen once nothing happened any more. */
export interface Look {
  readonly seconds: number
  readonly workers: readonly Seen[]
  readonly accepted: number
  /** Connections that the access log tells of. */
  readonly told: number
}

export interface Seen {
  readonly pid: number
  readonly mebibytes: number
  readonly descriptors: number
}

/** Seconds until what is left over counts as left behind. */
const patience = 20

/**
 * Waits until no connection is left and every one was told of, then looks at the workers.
 * @param lost connections that a killed worker may have taken with it, without a word
 * @throws when something is left over
 */
export async function settle(
  gateway: Gateway,
  behind: Behind,
  begun: number,
  lost: number,
): Promise<Look> {
  const deadline = performance.now() + patience * 1000
  for (;;) {
    const { accepted, active } = await gateway.connections()
    const told = linesTell(gateway.accessLines())
    if (active === 0 && behind.live() === 0 && Math.abs(accepted - told) <= lost) break
    if (performance.now() > deadline) {
      throw new Error(
        `left over: ${active} connections, ${behind.live()} behind; ${accepted} accepted, ${told} told`,
      )
    }
    await pause(100)
  }
  // What is done, and told, once nothing happens is done by then.
  await pause(3_000)
  const { accepted } = await gateway.connections()
  const told = linesTell(gateway.accessLines())
  const workers = (await gateway.workers()).map(see)
  return { seconds: (performance.now() - begun) / 1000, workers, accepted, told }
}

/** A line of many alike stands for all of them. */
function linesTell(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + Number(line['repeated'] ?? 1), 0)
}

function see(pid: number): Seen {
  const descriptors = readdirSync(`/proc/${pid}/fd`).length
  return { pid, mebibytes: residentKib(pid) / 1024, descriptors }
}
