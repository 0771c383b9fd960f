import {
  checkLimitKey,
  definePlugin,
  limitKey,
  limitKeyFields,
  limitPhase,
  reject,
} from '@kong-ts/pdk'
import type { Awaitable, Rejection } from '@kong-ts/pdk'
import { Places } from './places.ts'

export default definePlugin({
  name: 'connection-limiting',
  version: '0.1.0',
  priority: 920,
  description: 'Limits how many connections are open at once',
  schema: {
    type: 'object',
    properties: {
      limit: {
        type: 'integer',
        minimum: 1,
        description: 'how many connections of one key may be open at once on a node',
      },
      ...limitKeyFields,
      error_message: {
        type: 'string',
        minLength: 1,
        default: 'connection limit exceeded',
        description: 'the reason in the log',
      },
    },
    required: ['limit'],
  },
  check: checkLimitKey,
  setup: ({ config, counters }) => ({
    places: new Places(counters, config.limit),
    phase: limitPhase(config),
  }),
  phases: {
    preread(conn, { config, state: { phase, places } }) {
      if (phase !== 'preread') return
      return answer(places.take(conn.id, limitKey(conn, config)), config.error_message)
    },
    // Asked again after a failed connect: who has a place keeps it.
    balance(conn, { config, state: { phase, places } }) {
      if (phase !== 'balance') return
      return answer(places.take(conn.id, limitKey(conn, config)), config.error_message)
    },
    log({ id }, { state: { places } }) {
      places.free(id)
    },
  },
  teardown: ({ places }) => places.freeAll(),
})

function answer(taken: Awaitable<boolean>, message: string): Awaitable<Rejection | undefined> {
  if (typeof taken === 'boolean') return taken ? undefined : reject(message)
  return taken.then((isTaken) => (isTaken ? undefined : reject(message)))
}
