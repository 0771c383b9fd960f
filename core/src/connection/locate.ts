import type { Awaitable } from '@kong-ts/pdk'
import type { Answer, Located } from '../balancing/names.ts'
import type { Service } from '../entities/rows.ts'
import { Ended } from './ended.ts'
import type { Session } from './session.ts'

/** Kong's default, in milliseconds, where a service says null. */
const defaultTimeout = 60_000

/** Where a host is to be found, best first; without an address, why. */
export interface Whereabouts {
  readonly places: readonly Located[]
  readonly error?: string
}

/** Resolves a host within the time that a connect to it may take, and no longer than the session lasts. */
export function locate(session: Session, service: Service, host: string): Awaitable<Whereabouts> {
  const answer = session.host.names.resolve(host)
  if (!(answer instanceof Promise)) return inTurn(session, answer)
  return wait(session, answer, service.connect_timeout ?? defaultTimeout)
}

function inTurn({ host: { inTurn: take } }: Session, answer: Answer): Whereabouts {
  const places = take(answer)
  return answer.error === undefined ? { places } : { places, error: answer.error }
}

const stopped: Whereabouts = { places: [], error: 'the session was stopped' }

function wait(session: Session, answer: Promise<Answer>, timeout: number): Promise<Whereabouts> {
  return new Promise((resolve) => {
    const end = (whereabouts: Whereabouts): void => {
      clearTimeout(timer)
      session.interrupt = undefined
      resolve(whereabouts)
    }
    const timer = setTimeout(() => {
      end({ places: [], error: `its name was not resolved within ${timeout} ms` })
    }, timeout)
    session.interrupt = () => end(stopped)
    void answer.then((found) => end(session.stopped ? stopped : inTurn(session, found)))
  })
}

/** What a name without an address is told as. */
export function nowhere(host: string, error: string | undefined): string {
  return error === undefined ? `${host} has no address` : `${host} has no address: ${error}`
}

/** How a session ends that has nowhere to go. */
export function unlocated(session: Session, host: string, error: string | undefined): Ended {
  return session.stopped ?? new Ended('upstream.dns.failed', nowhere(host, error))
}
