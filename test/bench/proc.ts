import { readFileSync, readdirSync } from 'node:fs'

/** What `/proc/PID/stat` says of a process; its times cover every thread that it has or had. */
export interface Stat {
  readonly pid: number
  readonly parent: number
  /** User and system time in clock ticks, its own and that of the children it has waited for. */
  readonly ticks: number
}

/** Linux reports these times in hundredths of a second on every platform that Node runs on. */
const microsecondsPerTick = 10_000

/** The name of a process may hold spaces and parentheses: the fields begin after the last one. */
export function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number)
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(fields[1]),
    ticks: (user ?? 0) + (system ?? 0) + (childrenUser ?? 0) + (childrenSystem ?? 0),
  }
}

/** A process and all that descend from it, in any order. */
export function family(root: number, all: readonly Stat[]): Stat[] {
  const own = all.filter(({ pid }) => pid === root)
  const children = all.filter(({ parent }) => parent === root)
  return [...own, ...children.flatMap(({ pid }) => family(pid, all))]
}

export function parseResident(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0)
}

/** How many connections to a port of the loopback are established, from the text of `/proc/net/tcp`. */
export function establishedTo(port: number, table: string): number {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote, state]) => remote?.endsWith(`:${hex}`) && state === '01').length
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // A process may end between the listing and the reading; then it has nothing to report.
    return undefined
  }
}

function familyOf(root: number): Stat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readIfThere(`/proc/${pid}/stat`))
    .filter((text) => text !== undefined)
    .map(parseStat)
  return family(root, all)
}

/** A process and its descendants. */
export function pidsOf(root: number): number[] {
  return familyOf(root).map(({ pid }) => pid)
}

/** The processor time that a process and its descendants have used, in microseconds. */
export function cpuMicroseconds(root: number): number {
  return familyOf(root).reduce((sum, { ticks }) => sum + ticks, 0) * microsecondsPerTick
}

/** Resident memory of a process and its descendants in KiB; what they share is counted in each. */
export function residentKib(root: number): number {
  return familyOf(root)
    .map(({ pid }) => readIfThere(`/proc/${pid}/status`) ?? '')
    .reduce((sum, status) => sum + parseResident(status), 0)
}

export function establishedNow(port: number): number {
  return establishedTo(port, readFileSync('/proc/net/tcp', 'utf8'))
}
