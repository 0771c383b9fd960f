import { Ended } from './ended.ts'
import type { Session } from './session.ts'

/** Milliseconds for a session to end in order; a peer that is dead does not answer a FIN. */
const lastWords = 500

/** Ends a session because its target has turned unhealthy. */
export function evict(session: Session): void {
  const ended = new Ended('gateway.target.unhealthy')
  session.stop(ended)
  setTimeout(() => {
    if (session.host.live.has(session)) session.stop(ended, 'rst')
  }, lastWords).unref()
}
