import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { hammer } from '../../e2e/support/hammer.ts'
import { end } from '../cluster-nodes.ts'
import { table } from '../figures.ts'
import { freePort } from '../network.ts'
import { algorithms, type Algorithm } from '../../../plugins/rate-limiting/src/rules.ts'
import { measureNodes } from './rate-limiting-nodes.ts'
import { costsOf, guardedSite, plugin, wordCosts } from './connection-cost.ts'

const second = 1000

export async function measureRateLimiting(): Promise<string> {
  const parts = [await measureKeys(), await measureExactness(), await measureNodes()]
  return [...parts, await measureCost()].join('\n\n')
}

interface Counted {
  readonly bytes: number
  readonly nanoseconds: number
}

async function measureKeys(): Promise<string> {
  const lines: string[][] = []
  for (const algorithm of algorithms) {
    const alone = await count(algorithm, 'one process')
    const leased = await count(algorithm, 'a worker and its supervisor')
    lines.push([
      algorithm,
      `${alone.bytes} bytes`,
      `${leased.bytes} bytes`,
      `${alone.nanoseconds} ns`,
    ])
  }
  const head = ['a million keys', 'one process', 'worker and supervisor', 'a count, one process']
  return `Memory of a key of one connection, of a million that are alive at a time, and the processor time of a count:\n\n${table([head, ...lines])}`
}

async function count(algorithm: string, where: string): Promise<Counted> {
  const file = new URL('counted-keys.child.ts', import.meta.url)
  const child = fork(file, [algorithm, where], { execArgv: ['--expose-gc'] })
  const [counted] = (await once(child, 'message')) as [Counted]
  await end(child)
  return counted
}

const limit = (config: object): object => ({ name: 'rate-limiting', config })

/** Eight processes dial one key through two workers, as fast as they can. */
async function measureExactness(): Promise<string> {
  const { echo, gateway } = await guardedSite(2)
  const lines: string[][] = []
  try {
    for (const algorithm of algorithms) {
      const whole = algorithm === 'token-bucket' ? { year: 1, burst: 1000 } : { year: 1000 }
      await gateway.write('PUT', plugin, limit({ ...whole, algorithm }))
      const admitted = await hammer([gateway.port], 500)
      echo.reached.length = 0
      await gateway.write('DELETE', plugin)
      await gateway.write('PUT', plugin, limit({ second: rate, algorithm }))
      await hammer([gateway.port], 1500)
      lines.push([algorithm, String(admitted), ...describeFlow(echo.reached, algorithm)])
      await gateway.write('DELETE', plugin)
    }
  } finally {
    await gateway.stop()
    echo.close()
  }
  const head = ['8 clients, 2 workers', 'of 1000', `${rate} a second`, 'seconds', 'alone']
  return `Admitted of 4000 connections of one key under a limit of 1000; then under a limit of ${rate} a second for as long as 12000 connections take, and how many one limiter alone would have admitted in that time. The upstream counts, so that a connection that was long on its way may fall into the next second:\n\n${table([head, ...lines])}`
}

/** How many were admitted in which time, and how many one limiter alone would have admitted of clients that never rest. */
function describeFlow(reached: readonly number[], algorithm: Algorithm): readonly string[] {
  const sorted = reached.toSorted((a, b) => a - b)
  const [first = 0] = sorted
  const last = sorted.at(-1) ?? 0
  const seconds = (last - first) / second
  return [String(reached.length), seconds.toFixed(2), ideal[algorithm](first, last)]
}

const rate = 200

const ideal: { readonly [A in Algorithm]: (first: number, last: number) => string } = {
  'fixed-window': (first, last) =>
    String(rate * (Math.floor(last / second) - Math.floor(first / second) + 1)),
  'sliding-window': (first, last) => {
    const most = rate * (Math.floor((last - first) / second) + 1)
    return `${rate * (Math.floor((last - first) / (1.01 * second)) + 1)} to ${most}`
  },
  'token-bucket': (first, last) => String(rate + Math.floor(((last - first) / second) * rate)),
}

/** Processor time of the whole gateway for a connection, all of them admitted. */
async function measureCost(): Promise<string> {
  const port = await freePort()
  const redis = spawn('redis-server', ['--port', String(port), '--save', '', '--bind', '127.0.0.1'])
  await pause(second)
  const unlimited = { second: 1_000_000 }
  const configs: readonly (readonly [string, object | undefined])[] = [
    ['without the plugin', undefined],
    ...algorithms.map((algorithm) => [algorithm, { ...unlimited, algorithm }] as const),
    [
      'fixed-window, policy redis',
      { ...unlimited, policy: 'redis', redis: { host: '127.0.0.1', port } },
    ],
    [
      'the same, sync_rate 1',
      { ...unlimited, policy: 'redis', redis: { host: '127.0.0.1', port }, sync_rate: 1 },
    ],
  ]
  const lines = configs.map(([name]) => [name])
  try {
    for (const workers of [1, 2]) {
      const costs = await costsOf(
        workers,
        configs.map(([, config]) => config && limit(config)),
      )
      for (const [index, text] of wordCosts(costs).entries()) lines[index]?.push(text)
    }
  } finally {
    await end(redis)
  }
  const head = ['processor time for a connection', '1 worker', '2 workers, with the supervisor']
  return `What a connection costs the gateway, from the client's to the upstream's end with a few bytes between, least of three rounds; behind it what the plugin adds and its share:\n\n${table([head, ...lines])}`
}
