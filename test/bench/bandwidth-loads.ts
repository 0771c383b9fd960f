import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Limit, LimitedSite } from './bandwidth-site.ts'
import { median } from './figures.ts'
import { loopback } from './network.ts'
import { cpuMicroseconds } from './proc.ts'

/** Texts of a table by what was measured. */
type Figures = Readonly<Record<string, string>>

export interface Measured {
  readonly accuracy: Figures
  readonly bulk: Figures
  readonly connections: Figures
}

interface Download {
  readonly received: number
  readonly done: Promise<void>
  stop(): void
}

function download(port: number, bytes: number): Download {
  const socket = connect(port, loopback, () => socket.write(String(bytes)))
  const state = { received: 0 }
  socket.on('data', (chunk) => (state.received += chunk.length))
  const done = new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => resolve())
  })
  return {
    get received() {
      return state.received
    },
    done,
    stop: () => void socket.destroy(),
  }
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/** Bytes per second of each, once the burst is over. */
async function ratesOf(port: number, count: number, seconds: number): Promise<readonly number[]> {
  const downloads = Array.from({ length: count }, () => download(port, 1e12))
  await pause(Math.min(1, seconds))
  const before = downloads.map(({ received }) => received)
  const begun = performance.now()
  await pause(seconds)
  const elapsed = (performance.now() - begun) / 1000
  const rates = downloads.map(({ received }, index) => (received - (before[index] ?? 0)) / elapsed)
  for (const each of downloads) each.stop()
  await Promise.allSettled(downloads.map(({ done }) => done))
  return rates
}

export async function measureAccuracy(site: LimitedSite, seconds: number): Promise<Figures> {
  const tell = async (limit: Limit, count: number): Promise<string> => {
    const rates = (await ratesOf(site.portOf(limit), count, seconds)).map((rate) => rate / 1e6)
    const sum = rates.reduce((total, rate) => total + rate, 0)
    if (count === 1) return sum.toFixed(3)
    const [least, most] = [Math.min(...rates), Math.max(...rates)]
    return `${sum.toFixed(3)} (each ${least.toFixed(3)} to ${most.toFixed(3)})`
  }
  return {
    'one connection, scope connection': await tell('per connection, 1 MB/s', 1),
    'one connection, scope key': await tell('per key, 1 MB/s', 1),
    'two connections of one key, together': await tell('per key, 1 MB/s', 2),
    'ten connections of one key, together': await tell('per key, 1 MB/s', 10),
  }
}

export async function measureBulk(site: LimitedSite, bytes: number): Promise<Figures> {
  const cost = async (limit: Limit, size: number): Promise<string> => {
    const before = cpuMicroseconds(site.pid)
    await download(site.portOf(limit), size).done
    const used = (cpuMicroseconds(site.pid) - before) / 1e6
    return (used / (size / 1e9)).toFixed(2)
  }
  const figures: Record<string, string> = {}
  for (const limit of compared) figures[limit] = await cost(limit, bytes)
  for (const limit of ['per connection, 1 MB/s', 'per key, 1 MB/s'] as const) {
    figures[limit] = await cost(limit, bytes / 400)
  }
  return figures
}

const compared = [
  'without the plugin',
  'per connection',
  'per key',
  'a quota',
  'per key, and a quota',
] as const

const rounds = 3
const atOnce = 8

export async function measureConnections(site: LimitedSite, count: number): Promise<Figures> {
  const costs = new Map<Limit, number[]>(compared.map((limit) => [limit, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const limit of compared) {
      const before = cpuMicroseconds(site.pid)
      await dialAll(site.portOf(limit), count)
      // The first round warms up.
      if (round > 0) costs.get(limit)?.push((cpuMicroseconds(site.pid) - before) / count)
    }
  }
  const cost = (limit: Limit): number => median(costs.get(limit) ?? [])
  const bare = cost('without the plugin')
  return Object.fromEntries(
    compared.map((limit, index) => {
      const more = index === 0 ? '' : ` (${(cost(limit) - bare).toFixed(1)})`
      return [limit, `${cost(limit).toFixed(1)}${more}`]
    }),
  )
}

async function dialAll(port: number, count: number): Promise<void> {
  let left = count
  const dial = async (): Promise<void> => {
    while (left-- > 0) await download(port, 100).done
  }
  await Promise.all(Array.from({ length: atOnce }, dial))
}
