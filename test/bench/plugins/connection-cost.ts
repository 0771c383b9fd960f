import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { hammer } from '../../e2e/support/hammer.ts'
import { startGateway } from '../health-site.ts'
import { cpuMicroseconds } from '../proc.ts'

/** How many connections each of the eight clients makes in a round: the kernel counts in hundredths of a second. */
const each = 2000

/** Where the plugin in question is configured, for everything. */
export const plugin = '/plugins/00000000-0000-4000-8000-00000000bbbb'

/** An echo that remembers when it was reached. */
export async function serveEcho() {
  const reached: number[] = []
  const server = createServer((socket) => {
    reached.push(Date.now())
    socket.on('error', () => undefined).pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, reached, close: () => void server.close() }
}

/** A gateway before an echo. */
export async function guardedSite(workers: number) {
  const echo = await serveEcho()
  const gateway = await startGateway(workers)
  const service = { name: 'up', url: `tcp://127.0.0.1:${echo.port}` }
  await gateway.write('POST', '/services', service)
  const route = { protocols: ['tcp'], sources: [{ ip: '127.0.0.0/8' }] }
  await gateway.write('POST', '/services/up/routes', route)
  return { echo, gateway }
}

/**
 * Processor time of the whole gateway for a connection, in microseconds: the least of some rounds, in which all take turns.
 * @param plugins bodies of `PUT /plugins/…` that admit everybody; undefined: none
 */
export async function costsOf(
  workers: number,
  plugins: readonly (object | undefined)[],
): Promise<readonly number[]> {
  const { echo, gateway } = await guardedSite(workers)
  const costs = plugins.map(() => Number.POSITIVE_INFINITY)
  try {
    // In turns, so that what else goes on on the machine meets them all.
    for (let round = 0; round < 4; round++) {
      for (const [index, body] of plugins.entries()) {
        if (body) await gateway.write('PUT', plugin, body)
        const before = cpuMicroseconds(gateway.pid)
        const admitted = await hammer([gateway.port], each)
        const cost = (cpuMicroseconds(gateway.pid) - before) / admitted
        // The first round warms up.
        if (round > 0) costs[index] = Math.min(costs[index] ?? cost, cost)
        if (body) await gateway.write('DELETE', plugin)
      }
    }
  } finally {
    await gateway.stop()
    echo.close()
  }
  return costs
}

/** Each cost with what it adds to the first one, and the share of that. */
export function wordCosts(costs: readonly number[]): readonly string[] {
  const [bare = 0, ...others] = costs
  const worded = others.map((cost) => {
    const more = cost - bare
    const sign = more < 0 ? '' : '+'
    return `${cost.toFixed(1)} µs (${sign}${more.toFixed(1)}, ${((more / cost) * 100).toFixed(0)} %)`
  })
  return [`${bare.toFixed(1)} µs`, ...worded]
}
