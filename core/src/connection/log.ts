import type { Awaitable } from '@kong-ts/pdk'
import { nobody } from '../pipeline/pipeline.ts'
import type { Bytes } from '../transport/transport.ts'
import { connectionsKey } from './accept.ts'
import type { Ended } from './ended.ts'
import type { Session } from './session.ts'

/** Phase log: the socket is let go, then the access log and the plugins hear how it ended, once. */
export function log(session: Session, ended: Ended): Awaitable<void> {
  const { host, seen } = session
  if (!session.relay) letGo(session, ended)
  session.permits?.release()
  if (session.counted) host.counters.release(connectionsKey)
  const { ending, reason } = ended
  const summary = seen.summary({
    ending,
    reason,
    bytes: withEarly(session, session.relay?.bytes ?? bytesOf(ended)),
    duration: session.age,
  })
  report(session, ended)
  host.record(summary)
  const { phases } = session.pipeline
  if (phases.log === nobody) return session.pipeline.leave()
  // A plugin that fails here has been reported by the hook: this neither throws nor rejects.
  const told = phases.log(session.walk(summary))
  if (told instanceof Promise) return told.then(() => session.pipeline.leave())
  session.pipeline.leave()
}

/** Refusals end in order, with their farewell; what is broken already is reset. */
function letGo(session: Session, { ending, farewell }: Ended): void {
  const { inbound, stopped } = session
  session.closeFirstBytes()
  if (stopped || ending === 'client.reset') inbound.reset()
  else inbound.end(farewell)
}

function bytesOf({ farewell }: Ended): Bytes {
  const clientSent = farewell?.length ?? 0
  return { clientReceived: 0, clientSent, upstreamReceived: 0, upstreamSent: 0 }
}

/** What plugins said and took counts on the client's side, and never came to the upstream. */
function withEarly({ early }: Session, bytes: Bytes): Bytes {
  if (!early) return bytes
  const { clientReceived, clientSent, upstreamReceived, upstreamSent } = bytes
  return {
    clientReceived: clientReceived + early.taken,
    clientSent: clientSent + early.said,
    upstreamReceived,
    upstreamSent,
  }
}

/** What somebody should look after, beside the access log. */
function report({ host, seen }: Session, { ending, reason, failure }: Ended): void {
  const fields = { connection: seen.id, ending, reason }
  if (ending === 'gateway.error') host.log.error(fields, 'the gateway failed a connection')
  if (failure) {
    const { plugin, phase, message } = failure
    host.log.error({ ...fields, plugin, phase }, message)
  }
}
