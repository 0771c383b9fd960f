import { definePlugin, reject } from '@kong-ts/pdk'
import { farewells } from './farewells.ts'

export default definePlugin({
  name: 'farewell',
  version: '0.1.0',
  priority: 890,
  protocols: ['tcp'],
  description: 'Allows so many connections at once, and says no in the protocol of the service',
  schema: {
    type: 'object',
    properties: {
      limit: {
        type: 'integer',
        minimum: 0,
        description: 'connections at once; 0 closes the route',
      },
      protocol: { enum: ['mysql', 'postgres', 'smtp', 'redis'] },
      message: { type: 'string', minLength: 1, maxLength: 200, default: 'too many connections' },
    },
    required: ['limit', 'protocol'],
  },
  setup: () => ({ admitted: new Set<string>() }),
  phases: {
    async preread(conn, { config, counters, id, state }) {
      if (await counters.take(id, config.limit)) {
        state.admitted.add(conn.id)
        return
      }
      const farewell = farewells[config.protocol]
      // A client that speaks first would take an answer before its question for a fault.
      if (farewell.opening > 0) await conn.peek(farewell.opening)
      return reject(config.message, farewell.say(config.message))
    },
    log({ id: connection }, { counters, id, state }) {
      if (state.admitted.delete(connection)) counters.release(id)
    },
  },
})
