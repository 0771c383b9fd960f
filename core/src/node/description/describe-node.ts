import { hostname } from 'node:os'
import type { Endpoint } from '@kong-ts/pdk'
import type { Settings } from '../../settings/schema.ts'
import { describeConfiguration, type Running } from './describe-configuration.ts'
import { countTimers } from './describe-timers.ts'
import type { Node } from '../node.ts'
import type { StoreProbe } from '../store-probe.ts'

/** An address as an operator writes it: `127.0.0.1:5555`, `[::1]:5555`, `unix:PATH`. */
export function addressText({ address, port }: Endpoint): string {
  if (address.startsWith('unix:')) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** What a node is, as plain data. */
export function describeNode(
  node: Node,
  settings: Settings,
  running: Pick<Running, 'logLevel' | 'bound'>,
) {
  const plugins = node.catalogue.all().map(({ plugin: { name, version, priority } }) => {
    return [name, { version, priority }] as const
  })
  return {
    node_id: node.id,
    hostname: hostname(),
    // Kong's clients show it, and some require it; there is no Lua.
    lua_version: `none (Node.js ${process.version})`,
    timers: countTimers(),
    configuration: describeConfiguration(settings, {
      ...running,
      plugins: node.catalogue.names(),
      stream: node.addresses,
    }),
    plugins: Object.fromEntries(plugins),
    pids: { master: process.pid, workers: node.pids },
  }
}

/** How a node does, as plain data. */
export async function describeHealth(
  node: Pick<Node, 'traffic' | 'heaps' | 'database' | 'behind' | 'entities'>,
  probe: Pick<StoreProbe, 'reachable'>,
) {
  const { traffic, heaps, behind, entities } = node
  const reachable = await probe.reachable()
  const { error } = node.database
  return {
    memory: { resident_bytes: process.memoryUsage.rss(), heaps },
    server: {
      connections_accepted: traffic.accepted,
      connections_handled: traffic.accepted,
      connections_active: traffic.active,
      // Both directions of a connection are served at once: all that live count as being written to.
      connections_reading: 0,
      connections_writing: traffic.active,
      connections_waiting: 0,
      // A connection of layer 4 is one request.
      total_requests: traffic.accepted,
    },
    database: { reachable, ...(!reachable && error !== undefined && { error }) },
    configuration: { revision: entities.revision, ...(behind && { behind }) },
  }
}
