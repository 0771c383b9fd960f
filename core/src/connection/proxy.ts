import type { Awaitable } from '@kong-ts/pdk'
import type { Service } from '../entities/rows.ts'
import type { Ending } from '../errors/endings.ts'
import type { Bytes, RelayEnd } from '../transport/transport.ts'
import type { Connected } from './balance.ts'
import { Ended, endedBy } from './ended.ts'
import type { Session } from './session.ts'

/** Kong's default, in milliseconds, where a service says null. */
const defaultTimeout = 60_000

/** Phase proxy: plugins attach to the bytes, then the bytes flow until both sides have ended. */
export async function proxy(connected: Connected): Promise<Ended> {
  const { matched, outbound } = connected
  const { session, service } = matched
  try {
    const attaching = attach(connected)
    if (attaching instanceof Promise) await attaching
  } catch (error) {
    abandon(connected)
    throw error
  }
  if (session.stopped) {
    abandon(connected)
    return session.stopped
  }
  session.relay = session.inbound.relay(outbound, {
    readTimeout: service.read_timeout ?? defaultTimeout,
    writeTimeout: service.write_timeout ?? defaultTimeout,
    observers: session.observers,
    transforms: session.transforms,
    throttle: session.rates,
  })
  const end = await session.relay.done
  if (isEarlyReset(end, session.relay.bytes)) session.use?.reset()
  return endedAs(session, end)
}

function endedAs(session: Session, end: RelayEnd): Ended {
  return end.how === 'error' ? endedBy(session.failureOf(end.error)) : new Ended(endingOf(end))
}

/** Milliseconds of silence on both sides after which a session of the service ends. */
export function idleTimeout({ read_timeout, write_timeout }: Service): number {
  return Math.min(read_timeout ?? defaultTimeout, write_timeout ?? defaultTimeout)
}

/** @throws PluginFailure, or rejects with one */
function attach({ matched, target }: Connected): Awaitable<void> {
  const { session } = matched
  const proxying = session.seen.proxying(matched, target, session.age)
  return session.pipeline.phases.proxy(session.walk(proxying))
}

/** The bytes will never flow. */
function abandon({ matched, outbound }: Connected): void {
  outbound.discard()
  matched.session.dropTransforms()
}

/** Whether the upstream accepted only to reset. */
function isEarlyReset({ by, how }: RelayEnd, { upstreamReceived }: Bytes): boolean {
  return by === 'upstream' && how === 'reset' && upstreamReceived === 0
}

function endingOf({ by, how }: RelayEnd): Ending {
  if (how === 'idle') return 'gateway.idle_timeout'
  // Only `Session.stop` stops a relay, and its own ending goes before this one.
  if (how === 'stopped') return 'admin.killed'
  if (by === 'upstream') return how === 'reset' ? 'upstream.reset' : 'upstream.closed'
  return how === 'reset' ? 'client.reset' : 'client.closed'
}
