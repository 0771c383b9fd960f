import { Ended } from '../ended.ts'
import type { Host, Live } from '../host.ts'

/** Milliseconds for a session to end in order; a peer that is dead does not answer a FIN. */
const lastWords = 500

interface Mortal extends Live {
  readonly host: Pick<Host, 'live'>
}

/** Ends a session because its target has turned unhealthy. */
export function evict(session: Mortal): void {
  endSoon(session, new Ended('gateway.target.unhealthy'))
}

/** Ends a session in order, or by force should its peers not follow. */
export function endSoon(session: Mortal, ended: Ended): void {
  session.stop(ended)
  setTimeout(() => {
    if (session.host.live.has(session)) session.stop(ended, 'rst')
  }, lastWords).unref()
}
