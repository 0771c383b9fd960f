import type { Awaitable, Proxying, TargetTimeouts } from '@kong-ts/pdk'
import type { Service } from '../../entities/rows.ts'
import type { Ending } from '../../errors/endings.ts'
import { nobody } from '../../pipeline/pipeline.ts'
import type { Bytes, Relay, RelayEnd } from '../../transport/transport.ts'
import type { Connected } from './balance.ts'
import { Ended, endedBy } from '../ended.ts'
import type { Session } from '../session.ts'

/** Kong's default, in milliseconds, where a service says null. */
const defaultTimeout = 60_000

/** Hears how the relay of a session has ended. */
type Finish = (session: Session, ended: Ended) => unknown

/**
 * Phase proxy: plugins attach to the bytes, then the bytes flow until both sides have ended, which `finish` is told.
 * Undefined: they flow. While they do, no function is suspended: what waits is what an idle connection costs.
 */
export function proxy(connected: Connected, finish: Finish): Awaitable<Ended | undefined> {
  if (connected.matched.session.pipeline.phases.proxy === nobody) {
    enter(connected)
    return start(connected, finish)
  }
  const fail = (error: unknown): never => {
    abandon(connected)
    throw error
  }
  try {
    const attaching = attach(connected)
    if (attaching instanceof Promise) return attaching.then(() => start(connected, finish), fail)
  } catch (error) {
    fail(error)
  }
  return start(connected, finish)
}

function start(connected: Connected, finish: Finish): Ended | undefined {
  const { session, service } = connected.matched
  if (session.stopped) {
    abandon(connected)
    return session.stopped
  }
  const { observers, transforms, throttle, draws } = session.attached
  const { timeouts } = connected
  const relay = session.inbound.relay(connected.outbound, {
    readTimeout: timeouts?.read ?? service.read_timeout ?? defaultTimeout,
    writeTimeout: timeouts?.write ?? service.write_timeout ?? defaultTimeout,
    observers,
    transforms,
    throttle,
    draws,
  })
  session.enterRelay(relay)
  tellEnd(relay, session, finish)
  return undefined
}

/** In a function of its own, so that what waits for the end holds on to nothing else. */
function tellEnd(relay: Relay, session: Session, finish: Finish): void {
  relay.tell((end) => {
    if (isEarlyReset(end, relay.bytes)) session.use?.reset()
    finish(session, endedAs(session, end))
  })
}

function endedAs(session: Session, end: RelayEnd): Ended {
  return end.how === 'error' ? endedBy(session.accuse(end.error)) : new Ended(endingOf(end))
}

/** Milliseconds of silence on both sides after which a session of the service ends. */
export function idleTimeout(
  { read_timeout, write_timeout }: Service,
  { read, write }: TargetTimeouts = {},
): number {
  return Math.min(read ?? read_timeout ?? defaultTimeout, write ?? write_timeout ?? defaultTimeout)
}

/** @throws PluginFailure, or rejects with one */
function attach(connected: Connected): Awaitable<void> {
  const { session } = connected.matched
  return session.pipeline.phases.proxy(session.walk(enter(connected)))
}

function enter({ matched, target }: Connected): Proxying {
  const { session } = matched
  return session.seen.proxying(matched, target, session.age)
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
