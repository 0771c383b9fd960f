import { hostname } from 'node:os'
import type { Endpoint } from '@kong-ts/pdk'
import { maskSettings } from '../settings/mask-settings.ts'
import type { Settings } from '../settings/schema.ts'
import type { Node } from './node.ts'

/** An address as an operator writes it: `127.0.0.1:5555`, `[::1]:5555`, `unix:PATH`. */
export function addressText({ address, port }: Endpoint): string {
  if (address.startsWith('unix:')) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** What a node is, as plain data. */
export function describeNode(node: Node, settings: Settings) {
  const plugins = node.catalogue.all().map(({ plugin: { name, version, priority } }) => {
    return [name, { version, priority }] as const
  })
  return {
    node_id: node.id,
    hostname: hostname(),
    configuration: maskSettings(settings),
    plugins: Object.fromEntries(plugins),
    pids: { master: process.pid, workers: node.pids },
  }
}

/** How a node does, as plain data. */
export function describeHealth({
  traffic,
  database,
  behind,
  entities,
}: Pick<Node, 'traffic' | 'database' | 'behind' | 'entities'>) {
  return {
    memory: { resident_bytes: process.memoryUsage.rss() },
    server: {
      connections_accepted: traffic.accepted,
      connections_handled: traffic.accepted,
      connections_active: traffic.active,
    },
    database,
    configuration: { revision: entities.revision, ...(behind && { behind }) },
  }
}
