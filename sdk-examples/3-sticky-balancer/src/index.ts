import { createHash } from 'node:crypto'
import { definePlugin } from '@kong-ts/pdk'
import type { Target } from '@kong-ts/pdk'

export default definePlugin({
  name: 'sticky-balancer',
  version: '0.1.0',
  priority: 500,
  description: 'Sends a client to the same target for as long as that one lives',
  schema: {
    type: 'object',
    properties: { on: { enum: ['address', 'sni'], default: 'address' } },
  },
  phases: {
    balance({ client, hello, targets }, { config }) {
      const key = config.on === 'sni' ? hello?.serverName : client.address
      if (key === undefined) return
      return targets.reduce((best, each) => (score(key, each) > score(key, best) ? each : best))
    },
  },
})

/** Rendezvous hashing: what a key scores with one target does not depend on the others. */
function score(key: string, { host, port }: Target): number {
  return createHash('sha256').update(`${key} ${host} ${port}`).digest().readUInt32BE()
}
