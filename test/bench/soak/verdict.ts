import type { Line } from '../gateway.ts'
import type { Look, Seen } from './look.ts'
import type { Tally } from './traffic.ts'

/** MiB that a worker may grow in the second half of a run, when it has met everything before. */
const growth = 8
/** Descriptors that come and go by themselves: pipes in stock, a socket that is being made. */
const spare = 34

/** When a worker was killed: the connections that lived then are lost with it. */
export interface Kill {
  readonly at: number
  readonly pid: number
}

/** Milliseconds around a kill in which connections break. */
const around = 2_000

/** Lines of the error log that a kill and a reload bring about; the traffic is to bring about none. */
const expected = new Set(['a worker died; another one takes its place', 'reloaded'])

export interface Evidence {
  readonly looks: readonly Look[]
  readonly tallies: ReadonlyMap<string, Tally>
  readonly kill: Kill | undefined
  readonly lines: readonly Line[]
  /** Whether it lasted long enough to speak of growth. */
  readonly isLong: boolean
}

/** What is wrong; nothing, where all is well. */
export function judge(evidence: Evidence): string[] {
  return [
    ...brokenSessions(evidence),
    ...leftBehind(evidence),
    ...uncounted(evidence.looks),
    ...unexpected(evidence),
    ...[...evidence.tallies.values()]
      .filter(({ done }) => done === 0)
      .map(() => 'nothing was done'),
  ]
}

function brokenSessions({ tallies, kill }: Evidence): string[] {
  const broken = [...tallies.values()].flatMap((tally) => tally.broken)
  const isByKill = (from: number, to: number): boolean =>
    kill !== undefined && from < kill.at + around && to > kill.at
  return broken
    .filter(({ from, to }) => !isByKill(from, to))
    .map(({ habit, from }) => `broken without a reason: ${habit}, ${Math.round(from)} ms`)
}

/** What a killed worker did not tell of is missing once, and no more afterwards. */
function uncounted(looks: readonly Look[]): string[] {
  const missing = looks.map(({ accepted, told }) => accepted - told)
  const changes = missing.filter((each, index) => each !== (missing[index - 1] ?? 0)).length
  return changes > 1 ? [`connections without a line, after each part: ${missing.join(', ')}`] : []
}

/** Only workers that were there at both ends are compared. */
function leftBehind({ looks, isLong }: Evidence): string[] {
  const last = looks.at(-1)?.workers ?? []
  const first = looks.at(Math.ceil((looks.length - 1) / 2) - 1)?.workers ?? []
  return last.flatMap((now) => {
    const then = first.find(({ pid }) => pid === now.pid)
    return then ? compare(then, now, isLong) : []
  })
}

function compare(then: Seen, now: Seen, isLong: boolean): string[] {
  const [descriptors, memory] = [now.descriptors - then.descriptors, now.mebibytes - then.mebibytes]
  return [
    ...(descriptors > spare ? [`worker ${now.pid}: ${descriptors} descriptors more`] : []),
    ...(isLong && memory > growth ? [`worker ${now.pid}: ${memory.toFixed(1)} MiB more`] : []),
  ]
}

/** The killed worker, and no other one, may have died while a change was on its way to it. */
function isExpected({ msg, worker }: Line, kill: Kill | undefined): boolean {
  const isKilled = kill !== undefined && worker === kill.pid
  return expected.has(String(msg)) || (isKilled && msg === 'a worker did not follow')
}

function unexpected({ lines, kill }: Evidence): string[] {
  const texts = lines
    .filter((line) => !isExpected(line, kill))
    .map((line) => `error log: ${JSON.stringify(line)}`)
  return [...new Set(texts)].slice(0, 20)
}
