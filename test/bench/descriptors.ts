import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Descriptors that a proxy needs beside the two of each connection: logs, store, listeners. */
const reserve = 256

/** The most idle connections that are measured, where the limit of descriptors allows so many. */
export const mostIdle = 10_000

/** How many connections a process with such a limit can carry, in whole hundreds, `mostIdle` at most. */
export function idleWithin(limit: number): number {
  const hundreds = Math.floor((limit - reserve) / 2 / 100)
  return Math.max(0, Math.min(mostIdle, hundreds * 100))
}

/** Asks for as many descriptors as `mostIdle` needs, for us and our children; answers with what we may open. */
export function raiseDescriptors(): number {
  const wanted = mostIdle * 2 + reserve
  if (descriptorLimit() < wanted) {
    // Where the hard limit may not be raised, what the limit allows is measured, and the results say so.
    spawnSync('prlimit', ['--pid', String(process.pid), `--nofile=${wanted}:${wanted}`])
  }
  return descriptorLimit()
}

function descriptorLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8')
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY)
}
