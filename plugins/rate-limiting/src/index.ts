import { definePlugin } from '@kong-ts/pdk'
import { Gate } from './gate.ts'
import { openLimiter } from './open-limiter.ts'
import { examine, schema } from './schema.ts'

export default definePlugin({
  name: 'rate-limiting',
  version: '0.1.0',
  priority: 910,
  description: 'Limits new connections per second, minute, hour, day, month and year',
  schema,
  check: examine,
  setup: async (kit) => new Gate(kit, await openLimiter(kit)),
  phases: {
    preread: (conn, { state: gate }) => (gate.phase === 'preread' ? gate.admit(conn) : undefined),
    balance: (conn, { state: gate }) =>
      gate.phase === 'balance' ? gate.admitOnce(conn) : undefined,
  },
  teardown: (gate) => gate.close(),
})
