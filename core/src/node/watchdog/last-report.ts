import type { ChildProcess } from 'node:child_process'
import { Readable } from 'node:stream'
import type { ConductReport } from '../metrics/messages.ts'
import type { Culprit } from './messages.ts'

/** The descriptor by which a worker's watchdog reaches the supervisor, while its main thread holds the channel. */
export const lastDescriptor = 4

/** Characters that the supervisor keeps of what it is told there. */
const longest = 1_024

/** For a watchdog that is about to end its worker: a line on whom. Undefined: the row is not known that this happened to. */
export function wordLast({ plugin, instance }: Culprit, milliseconds: number): string | undefined {
  return instance === undefined ? undefined : `${instance} ${plugin} ${milliseconds}\n`
}

/** Hears what a worker's watchdog says before it ends it; before the worker is said to have closed. */
export function hearLast(
  { stdio }: Partial<Pick<ChildProcess, 'stdio'>>,
  tell: (report: ConductReport) => void,
): void {
  // Where no process could be made there is none either.
  const descriptor = stdio?.[lastDescriptor]
  if (!(descriptor instanceof Readable)) return
  let said = ''
  descriptor.setEncoding('latin1').on('data', (text: string) => {
    if (said.length < longest) said += text
  })
  descriptor.once('end', () => {
    const report = readLast(said)
    if (report) tell(report)
  })
}

/** What a worker has left behind. Its plugins can write there, too: whatever else it says means nothing. */
export function readLast(text: string): ConductReport | undefined {
  const [, id, plugin, held] = /^(\S+) (\S+) (\d{1,9})\n$/.exec(text) ?? []
  if (id === undefined || plugin === undefined) return undefined
  const news = { phases: {}, rejected: 0, wouldReject: 0, failed: 0, stalls: 1 }
  return { id, plugin, news: { ...news, longestStall: Number(held) }, isDisabled: false }
}
