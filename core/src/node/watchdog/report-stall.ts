import { writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { LogFields } from '@kong-ts/pdk'
import { plainUrl } from '../../plugins/module-graph.ts'
import { createErrorLog, pluginLog } from '../logs/log.ts'
import { lastDescriptor, wordLast } from './last-report.ts'
import { mainStack, type Frame } from './main-stack.ts'
import type { Culprit, Seen, Step, Watch } from './messages.ts'

/** How many times longer a stall may last when nobody is known to be to blame. */
const doubt = 3

/**
 * Says who holds up the main thread, and ends the process when that has taken too long and another one would take its
 * place. A large configuration takes its time: what prepares one is named, and not ended.
 * @returns whether it was told that it has taken too long
 */
export async function reportStall(
  step: Step,
  seen: Seen,
  watch: Watch,
  known: readonly Culprit[],
): Promise<boolean> {
  const frames = (await mainStack()).filter(({ url }) => url.startsWith('file:'))
  const culprit = seen.culprit ?? ownerOf(frames, watch.files, known)
  const lines = linesOf(watch, culprit)
  const fields = fieldsOf(culprit, seen, frames)
  const holds = `${nameOf(culprit)} holds up every connection of the worker`
  if (step === 'name') {
    if (culprit || !seen.isPreparing) lines.warn(fields, holds)
    return false
  }
  if (isEnded(culprit, seen, watch)) {
    lines.error(fields, `${holds}: it ends, and another one takes its place`)
    try {
      if (culprit) tellLast(culprit, seen.milliseconds)
    } finally {
      process.kill(process.pid, 'SIGKILL')
    }
  }
  if (!seen.isTold) lines.error(fields, `${holds}, still`)
  return true
}

/** The count of it would die with the process. */
function tellLast(culprit: Culprit, milliseconds: number): void {
  const words = wordLast(culprit, milliseconds)
  if (words !== undefined) writeSync(lastDescriptor, words)
}

function nameOf(culprit: Culprit | undefined): string {
  return culprit ? `plugin ${culprit.plugin}` : 'something'
}

function isEnded(
  culprit: Culprit | undefined,
  { isPreparing, milliseconds }: Seen,
  { isReplaceable, limit }: Watch,
): boolean {
  if (!isReplaceable || isPreparing) return false
  return culprit !== undefined || milliseconds >= doubt * limit
}

/** A log of its own: the main thread's is out of reach. */
function linesOf(watch: Watch, culprit: Culprit | undefined) {
  const { log } = createErrorLog(watch.log)
  if (!culprit) return log
  const { plugin, instance } = culprit
  return instance === undefined ? log.child({ plugin }) : pluginLog(log, plugin, instance)
}

function fieldsOf(
  culprit: Culprit | undefined,
  { culprit: running, phase, milliseconds }: Seen,
  [first]: readonly Frame[],
): LogFields {
  return {
    code: culprit ? 'plugin_stalled' : 'stalled',
    milliseconds,
    ...(running && { phase }),
    ...(first && { at: `${pathOf(first)}:${first.line}` }),
  }
}

/** Whose code runs; undefined: nobody's who is loaded as a plugin. */
function ownerOf(
  frames: readonly Frame[],
  files: Watch['files'],
  known: readonly Culprit[],
): Culprit | undefined {
  const paths = new Set(frames.map(pathOf))
  const found = [...files].find(([, own]) => own.some((path) => paths.has(path)))
  if (!found) return undefined
  const [plugin] = found
  const [only, ...others] = known.filter((each) => each.plugin === plugin)
  return only && others.length === 0 ? only : { plugin }
}

function pathOf({ url }: Frame): string {
  return fileURLToPath(plainUrl(url))
}
