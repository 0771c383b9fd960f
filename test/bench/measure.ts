import { setTimeout as pause } from 'node:timers/promises'

import type { Aim, Done, Drive } from './drive.ts'
import { parseLatency, type LatencyReport } from './load-reports.ts'
import { cpuMicroseconds } from './proc.ts'
import { capture } from './processes.ts'

const client = new URL('latency-client.ts', import.meta.url).pathname

export interface Measured extends Done {
  /** Microseconds of CPU that the proxy has paid for each unit, with all its processes and threads. */
  readonly cost: number | undefined
}

/**
 * Runs a load through a proxy.
 * @param pid whose CPU is counted, if anybody's
 */
export async function measure(drive: Drive, aim: Aim, pid: number | undefined): Promise<Measured> {
  if (pid === undefined) return { ...(await drive(aim)), cost: undefined }
  const before = cpuMicroseconds(pid)
  const done = await drive(aim)
  // What the last connections still cost the proxy after the client has its answer belongs to them.
  await pause(100)
  const used = cpuMicroseconds(pid) - before
  // It has died, and what still answers is not it.
  if (used <= 0) throw new Error('the proxy is not who did the work')
  return { ...done, cost: used / done.units }
}

/** What a latency is measured of: a request on a kept connection, or on a new one, plain or over TLS. */
export type LatencyKind = 'kept' | 'new' | 'tls'

/** Requests per second: a load that leaves every proxy idle most of the time. */
export const latencyRates: Readonly<Record<LatencyKind, number>> = { kept: 400, new: 200, tls: 80 }

/** From a client at a fixed rate. */
export async function measureLatency(kind: LatencyKind, aim: Aim): Promise<LatencyReport> {
  const args = [client, kind, aim.port, latencyRates[kind], aim.seconds].map(String)
  return parseLatency(await capture(process.execPath, args, aim.seconds + 20))
}
