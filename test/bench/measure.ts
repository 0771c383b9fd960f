import { setTimeout as pause } from 'node:timers/promises'

import { parseIperf, parseWrk } from './load-reports.ts'
import { answers, loopback, openIdle } from './network.ts'
import { cpuMicroseconds, establishedNow, residentKib } from './proc.ts'
import { capture, until } from './processes.ts'
import type { Proxy } from './proxies.ts'
import type { Site } from './site.ts'

const idleConnections = 1000
const bytesPerGigabyte = 1_000_000_000

/** Runs a load through a proxy; answers with what the proxy paid for each unit of it, in microseconds of CPU. */
async function cost(pid: number, load: () => Promise<number>): Promise<number> {
  const before = cpuMicroseconds(pid)
  const units = await load()
  // What the last connections still cost the proxy after the client has its answer belongs to them.
  await pause(100)
  return (cpuMicroseconds(pid) - before) / units
}

async function wrk(port: number, seconds: number, headers: readonly string[]): Promise<number> {
  const url = `http://${loopback}:${port}/`
  const { requests, faults } = parseWrk(
    await capture('wrk', ['-t1', '-c16', `-d${seconds}s`, ...headers, url]),
  )
  if (requests === 0 || faults > requests / 1000) {
    throw new Error(`${faults} of ${requests} requests failed`)
  }
  return requests
}

/** CPU microseconds for each connection that carries one request. */
export function connectionCost(pid: number, port: number, seconds: number): Promise<number> {
  return cost(pid, () => wrk(port, seconds, ['-H', 'Connection: close']))
}

/** CPU microseconds for each request on connections that are kept. */
export function requestCost(pid: number, port: number, seconds: number): Promise<number> {
  return cost(pid, () => wrk(port, seconds, []))
}

/** CPU seconds for each gigabyte (10^9 bytes) from client to upstream. */
export async function bulkCost(pid: number, port: number, seconds: number): Promise<number> {
  const args = ['-c', loopback, '-p', String(port), '-t', String(seconds), '-J']
  const microseconds = await cost(
    pid,
    async () => parseIperf(await capture('iperf3', args)) / bytesPerGigabyte,
  )
  return microseconds / 1e6
}

export interface Life {
  /** Milliseconds from the start of the process to the answer over the first connection. */
  readonly startUp: number
  /** Resident KiB with no connection, and with a thousand that are silent. */
  readonly resident: number
  readonly residentIdle: number
}

/** Starts a proxy anew, times it, weighs it and stops it. */
export async function life(proxy: Proxy, site: Site): Promise<Life> {
  const [route] = site.routes
  if (route === undefined) throw new Error('a site without routes')
  const begun = performance.now()
  const started = proxy.start(site)
  try {
    await until(`${proxy.title} answers`, () => answers(route.listen))
    const startUp = performance.now() - begun
    await until('the first connection is over', () => establishedNow(route.upstream) === 0)
    const resident = residentKib(started.pid)
    const close = await openIdle(route.listen, idleConnections)
    await until(
      `${idleConnections} connections are through`,
      () => establishedNow(route.upstream) >= idleConnections,
    )
    const residentIdle = residentKib(started.pid)
    await close()
    await until('they are closed', () => establishedNow(route.upstream) === 0)
    return { startUp, resident, residentIdle }
  } finally {
    await started.stop()
  }
}
