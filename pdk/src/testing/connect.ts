import type { ChosenTarget, Direction, Summary } from '../contexts.ts'
import type { PluginError } from '../plugin-error.ts'
import type { Instance, Plugin } from '../plugin.ts'
import { ask } from './ask.ts'
import { accept } from './connection.ts'
import { fillIn, writeTarget } from './dial.ts'
import type { Call, Dial } from './dial.ts'
import { Ended } from './fate.ts'
import type { Fate } from './fate.ts'
import { openLane, stillness } from './relay.ts'
import { summarize } from './summarize.ts'
import { walk } from './walk.ts'
import type { Walk } from './walk.ts'

/** How a connection ended. */
export interface Outcome {
  /** `rejected`: the plugin refused it. `failed`: the plugin threw, or there was no way on. */
  readonly outcome: 'proxied' | 'rejected' | 'failed'
  /** What the plugin said when it refused, or the error's text. */
  readonly reason: string | undefined
  /** `side.phase.cause` */
  readonly ending: string
  /** What a plugin threw, with its name and the phase; of the `log` phase too. */
  readonly error: PluginError | undefined
  /** The target that was reached, as `host:port` or `unix:PATH`. */
  readonly target: string | undefined
  /** How TLS was spoken to it, and within which times, where a plugin has said so in its answer. */
  readonly terms: Pick<ChosenTarget, 'tls' | 'timeouts'> | undefined
  /** What a plugin said to the client before an upstream was chosen, as UTF-8. */
  readonly said: string
  /** What the upstream received, after transforms, as UTF-8. */
  readonly upload: string
  /** What the client received from the upstream, after transforms, as UTF-8. */
  readonly download: string
  /** The same as bytes. */
  readonly bytes: { readonly [D in Direction]: Uint8Array }
  /** What the client was told when it was refused, as UTF-8. */
  readonly farewell: string | undefined
  /** Bytes per second that the plugin asked for. */
  readonly throttle: { readonly [D in Direction]: number | undefined }
  /** What the `log` phase was given. */
  readonly summary: Summary
}

/** Walks the phases in order, stops where the gateway stops, and always ends with `log`. */
export async function connect<Config, State>(
  plugin: Plugin<Config, State>,
  self: Instance<Config, State>,
  dial: Dial,
  id: string,
): Promise<Outcome> {
  const call = fillIn(dial)
  const way: Walk<Config, State> = {
    plugin,
    self,
    call,
    clock: self.clock,
    accepted: accept(call, id, self.clock.now()),
    lanes: { upload: openLane(), download: openLane() },
    progress: { tries: [] },
    relayed: stillness(),
    early: { said: Buffer.alloc(0), taken: 0 },
  }
  const fate = (await endOf(walk(way))) ?? proxied(call)
  const summary = summarize(way, fate)
  const unlogged = await endOf(ask(plugin.name, 'log', () => plugin.phases.log?.(summary, self)))
  if (unlogged?.error) self.log.error({ phase: 'log', connection: id }, unlogged.error.message)
  return report(way, { ...fate, ...(unlogged?.error && { error: unlogged.error }) }, summary)
}

function report<C, S>(
  { lanes, progress: { target, terms }, relayed, early }: Walk<C, S>,
  { outcome, ending, reason, error, farewell }: Fate,
  summary: Summary,
): Outcome {
  const upload = Buffer.concat(relayed.upload.sent)
  const download = Buffer.concat(relayed.download.sent)
  return {
    outcome,
    reason,
    ending,
    error,
    target: target && writeTarget(target),
    terms: target && terms,
    said: early.said.toString(),
    upload: upload.toString(),
    download: download.toString(),
    bytes: { upload, download },
    farewell: farewell && Buffer.from(farewell).toString(),
    throttle: { upload: lanes.upload.throttle, download: lanes.download.throttle },
    summary,
  }
}

/** A client that waits in silence is hung up on by the upstream, once that has answered. */
function proxied({ ends }: Call): Fate {
  return { outcome: 'proxied', ending: ends ? 'client.closed' : 'upstream.closed' }
}

/** Undefined when the way went on to its end. */
async function endOf(way: Promise<unknown>): Promise<Fate | undefined> {
  try {
    await way
    return undefined
  } catch (error) {
    if (error instanceof Ended) return error.fate
    throw error
  }
}
