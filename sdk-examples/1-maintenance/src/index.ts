import { definePlugin, reject } from '@kong-ts/pdk'

export default definePlugin({
  name: 'maintenance',
  version: '0.1.0',
  priority: 2000,
  description: 'Turns every connection away, with a reason',
  schema: {
    type: 'object',
    properties: { reason: { type: 'string', default: 'closed for maintenance' } },
  },
  phases: {
    preread: (_conn, { config }) => reject(config.reason),
  },
})
