import type { Summary } from '../contexts.ts'
import { serialize } from '../records/serialize.ts'
import type { Serializable } from '../records/serialize.ts'
import { slotsOf } from './connection.ts'
import type { Fate } from './fate.ts'
import { statusOf } from './fate.ts'
import { countBytes } from './relay.ts'
import type { Walk } from './walk.ts'

/** The context of the `log` phase. */
export function summarize<Config, State>(way: Walk<Config, State>, fate: Fate): Summary {
  const { accepted, call, progress } = way
  const { id, client, listener, proxy, startedAt } = accepted
  const isRouted = progress.route !== undefined
  const facts: Serializable = {
    id,
    client,
    listener,
    proxy,
    startedAt,
    route: progress.route,
    service: progress.service,
    protocol: isRouted ? call.protocol : undefined,
    hello: isRouted ? call.hello : undefined,
    tls: progress.tls,
    target: progress.target,
    tries: progress.tries,
    ending: fate.ending,
    reason: fate.reason,
    status: statusOf(fate.ending),
    bytes: countBytes(way.relayed, way.early, fate.farewell?.length),
    latencies: time(way),
    revision: 0,
  }
  return { ...facts, ...slotsOf(call.slots), serialize: () => serialize(facts) }
}

function time<C, S>({ accepted, clock, progress }: Walk<C, S>): Summary['latencies'] {
  const { startedAt } = accepted
  const { routedAt, connectedAt = startedAt, tls } = progress
  return {
    session: clock.now() - startedAt,
    kong: connectedAt - startedAt,
    ...(routedAt !== undefined && { routed: routedAt - startedAt }),
    // The clock stands still meanwhile.
    ...(tls && { handshake: 0 }),
  }
}
