import type { Awaitable, Summary } from '@kong-ts/pdk'
import type { Pipeline } from '../../gateway/pipelines.ts'
import type { PluginInstance } from '../../plugins/instance.ts'
import { nobody } from '../../pipeline/pipeline.ts'
import type { Bytes } from '../../transport/transport.ts'
import { connectionsKey } from './accept.ts'
import type { Ended } from '../ended.ts'
import { withEarly } from '../client/first-bytes.ts'
import type { Session } from '../session.ts'

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
    bytes: withEarly(session.early, session.relay?.bytes ?? bytesOf(ended)),
    duration: session.age,
  })
  report(session, ended)
  host.record(summary)
  const told = tell(session, session.pipeline, summary)
  return session.former ? tellFormer(session, session.former, summary, told) : told
}

/** Pipelines of earlier routings: who had a say in one of them, and has not heard yet, hears how it ended. */
async function tellFormer(
  session: Session,
  former: readonly Pipeline[],
  summary: Summary,
  told: Awaitable<void>,
): Promise<void> {
  await told
  const heard = new Set(session.pipeline.instances)
  for (const pipeline of former) {
    const silent = pipeline.instances.filter(onlyLogs)
    await tell(session, pipeline, summary, new Set([...heard, ...silent]))
    for (const instance of pipeline.instances) heard.add(instance)
  }
}

/** A plugin that fails here has been reported by the hook: this neither throws nor rejects. */
function tell(
  session: Session,
  pipeline: Pipeline,
  summary: Summary,
  heard?: ReadonlySet<PluginInstance>,
): Awaitable<void> {
  if (pipeline.phases.log === nobody) return pipeline.leave()
  const told = pipeline.phases.log(session.walk(summary, heard))
  if (told instanceof Promise) return told.then(() => pipeline.leave())
  pipeline.leave()
}

/** Whoever had no say before has nothing to finish: a connection is logged where it was routed last. */
function onlyLogs({ plugin }: PluginInstance): boolean {
  return Object.keys(plugin.phases).every((phase) => phase === 'log')
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

/** What somebody should look after, beside the access log. */
function report({ host, seen }: Session, { ending, reason, failure }: Ended): void {
  const fields = { connection: seen.id, ending, reason }
  if (ending === 'gateway.error') host.log.error(fields, 'the gateway failed a connection')
  if (failure) {
    const { plugin, phase, code, message } = failure
    host.log.error({ ...fields, plugin, phase, code }, message)
  }
}
