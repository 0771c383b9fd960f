import type { RunningGateway } from './gateway.ts'
import { serve } from './peers.ts'

/** A server that says its name to whoever says something, and how often and by whom it is used. */
export interface Backend {
  readonly name: string
  readonly port: number
  readonly target: string
  /** Connections that it has now. */
  readonly live: () => number
  /** Connections that it has had. */
  readonly count: () => number
}

export async function backend(name: string): Promise<Backend> {
  let count = 0
  const { port, live } = await serve((socket) => {
    count += 1
    socket.on('data', () => socket.write(name)).on('end', () => socket.end())
  })
  return {
    name,
    port,
    target: `127.0.0.1:${port}`,
    live: () => live.size,
    count: () => count,
  }
}

export function backends(...names: readonly string[]): Promise<Backend[]> {
  return Promise.all(names.map(backend))
}

/** An upstream with these targets and their weights, a service to it, and a plain route to that. */
export async function balanceOver(
  gateway: RunningGateway,
  targets: readonly (readonly [target: string, weight: number])[],
  { upstream = {}, service = {} }: { readonly upstream?: object; readonly service?: object } = {},
): Promise<void> {
  await gateway.create('/upstreams', { name: 'pool.test', ...upstream })
  for (const [target, weight] of targets) {
    await gateway.create('/upstreams/pool.test/targets', { target, weight })
  }
  // The port of a service that names an upstream means nothing.
  const to = { name: 'pool', protocol: 'tcp', host: 'pool.test', port: 1 }
  await gateway.create('/services', { ...to, ...service })
  const destinations = [{ port: gateway.port }]
  await gateway.create('/services/pool/routes', { protocols: ['tcp'], destinations })
}
