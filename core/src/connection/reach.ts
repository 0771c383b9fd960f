import type { Target, Try } from '@kong-ts/pdk'
import { performance } from 'node:perf_hooks'
import type { Service } from '../entities/rows.ts'
import type { Ending } from '../errors/endings.ts'
import { TransportError, type Outbound, type TransportFailure } from '../transport/transport.ts'
import { Ended } from './ended.ts'
import { locate, nowhere, type Whereabouts } from './locate.ts'
import type { Matched } from './preread.ts'
import type { Session } from './session.ts'
import { upstreamTls } from './upstream-tls.ts'

/** Kong's default, in milliseconds, where a service says null. */
const defaultTimeout = 60_000

const endings: { readonly [F in TransportFailure]?: Ending } = {
  refused: 'upstream.connect.refused',
  timeout: 'upstream.connect.timeout',
  unreachable: 'upstream.connect.unreachable',
  dns: 'upstream.dns.failed',
  handshake: 'upstream.tls.failed',
  unverified: 'upstream.tls.unverified',
  // Whether an RST that follows an accept at once is met by the connect or by the relay is a matter of luck.
  reset: 'upstream.reset',
}

function endingOf(failure: TransportFailure, service: Service): Ending {
  if (failure === 'reset' && service.protocol === 'tls') return 'upstream.tls.failed'
  return endings[failure] ?? 'upstream.connect.failed'
}

/**
 * One attempt to connect to a target, noted in the session's tries.
 * @param listed the target is an address of the service, whose name is what TLS verifies
 */
export async function reach(
  matched: Matched,
  target: Target,
  listed: boolean,
): Promise<Outbound | Ended> {
  const { session } = matched
  const startedAt = Date.now()
  const begun = performance.now()
  const note = (more: Partial<Try>): void => {
    session.note({ ...target, startedAt, duration: performance.now() - begun, ...more })
  }
  let ip: string | undefined
  try {
    const locating = locate(session, matched.service, target.host)
    const place = firstOf(locating instanceof Promise ? await locating : locating, target)
    ip = place.ip
    const outbound = await unlessStopped(session, open(matched, target, place, listed))
    note({ ip: outbound.remote.address })
    return outbound
  } catch (error) {
    if (session.stopped) return session.stopped
    if (!(error instanceof TransportError)) throw error
    const failure = endingOf(error.failure, matched.service)
    note({ ...(ip !== undefined && { ip }), failure })
    return new Ended(failure, error.message)
  }
}

/** A connect may take a minute; a session that is stopped, by a drain's deadline say, does not wait for it. */
function unlessStopped(session: Session, connecting: Promise<Outbound>): Promise<Outbound> {
  return new Promise((resolve, reject) => {
    let isStopped = false
    session.interrupt = () => {
      isStopped = true
      session.interrupt = undefined
      reject(new TransportError('cancelled', 'the session was stopped'))
    }
    connecting.then(
      (outbound) => {
        // Nobody waits for the upstream any more.
        if (isStopped) return outbound.discard()
        session.interrupt = undefined
        resolve(outbound)
      },
      (error: unknown) => {
        if (!isStopped) session.interrupt = undefined
        reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })
}

/** Where to connect to. */
interface Place {
  readonly ip: string
  readonly port: number
}

function firstOf({ places: [first], error }: Whereabouts, { host, port }: Target): Place {
  if (first === undefined) throw new TransportError('dns', nowhere(host, error))
  return { ip: first.ip, port: first.port ?? port }
}

function open(
  matched: Matched,
  { host }: Target,
  { ip: address, port }: Place,
  listed: boolean,
): Promise<Outbound> {
  const { session, service } = matched
  const tls = upstreamTls(matched, listed ? service.host : host)
  return session.inbound.connect(
    { address, port },
    {
      deadline: performance.now() + (service.connect_timeout ?? defaultTimeout),
      keepAlive: session.host.limits.keepAlive,
      ...(tls && { tls }),
    },
  )
}
