import type { Summary } from '../contexts.ts'
import { serialize } from '../serialize.ts'
import type { Serializable } from '../serialize.ts'
import { slotsOf } from './connection.ts'
import type { Fate } from './fate.ts'
import { statusOf } from './fate.ts'
import type { Passed } from './relay.ts'
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
    bytes: count(way, fate),
    latencies: time(way),
    revision: 0,
  }
  return { ...facts, ...slotsOf(call.slots), serialize: () => serialize(facts) }
}

function count<C, S>({ relayed, early }: Walk<C, S>, fate: Fate): Summary['bytes'] {
  const { upload, download } = relayed
  const told = early.said.length + (fate.farewell?.length ?? 0)
  return {
    client: { received: upload.received + early.taken, sent: total(download) + told },
    upstream: { received: download.received, sent: total(upload) },
  }
}

function time<C, S>({ accepted, clock, progress }: Walk<C, S>): Summary['latencies'] {
  const { startedAt } = accepted
  return {
    session: clock.now() - startedAt,
    kong: (progress.connectedAt ?? startedAt) - startedAt,
  }
}

function total({ sent }: Passed): number {
  return sent.reduce((sum, { length }) => sum + length, 0)
}
