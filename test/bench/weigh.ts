import { setTimeout as pause } from 'node:timers/promises'

import type { Figure } from './figures.ts'
import { openIdle, openIdleTls } from './idle.ts'
import { answers } from './network.ts'
import { establishedNow, residentKib } from './proc.ts'
import { until } from './processes.ts'
import type { FigureName, Options } from './options.ts'
import type { Proxy } from './proxies.ts'
import { portOf, upstreamOf, type Site } from './site.ts'

const aThousand = 1000

const life = { section: 'life', unit: 'MiB', digits: 1 } as const
const count = (connections: number): string => connections.toLocaleString('en-US')

const startUp: Figure = {
  section: 'life',
  title: 'start to first answer',
  unit: 'ms',
  digits: 0,
}
const resident: Figure = { ...life, title: 'resident, no connection' }
const residentThousand: Figure = {
  ...life,
  title: `resident, ${count(aThousand)} idle connections`,
}
export const perIdle: Figure = {
  ...life,
  title: 'memory per idle connection',
  unit: 'KiB',
  digits: 2,
}
const residentTls: Figure = {
  ...life,
  title: `resident, ${count(aThousand)} idle TLS connections`,
}
export const perIdleTls: Figure = {
  ...life,
  title: 'memory per idle TLS connection',
  unit: 'KiB',
  digits: 2,
}

/** The figure of as many idle connections as the limit of descriptors allows. */
function residentMost(connections: number): Figure {
  return { ...life, title: `resident, ${count(connections)} idle connections` }
}

/** The figures that are asked for, in their order. */
export function figuresOfLife({ figures }: Options, connections: number): readonly Figure[] {
  const of = (name: FigureName, ...all: readonly Figure[]): readonly Figure[] =>
    figures.includes(name) ? all : []
  return [
    ...of('start', startUp),
    ...of('memory', resident, residentThousand, residentMost(connections), perIdle),
    ...of('memory-tls', residentTls, perIdleTls),
  ]
}

export type Note = (figure: Figure, value: number) => void

const kibPerMib = 1024

/** What is to be learnt of one life of a proxy. */
export interface Wanted {
  readonly start: boolean
  readonly memory: boolean
  readonly tls: boolean
}

/** Starts a proxy anew and times it; weighs it with nothing to do and with silent connections; stops it. */
export async function live(proxy: Proxy, site: Site, wanted: Wanted, note: Note): Promise<void> {
  await withStarted(proxy, site, async (pid, took) => {
    if (wanted.start) note(startUp, took)
    if (wanted.memory) await weighPlain(pid, site, note)
  })
  if (!wanted.tls) return
  // A process of its own: what the plain connections have made it take is not given back.
  await withStarted(proxy, site, (pid) => weighTls(pid, site, note))
}

async function withStarted(
  proxy: Proxy,
  site: Site,
  work: (pid: number, took: number) => Promise<void>,
): Promise<void> {
  const begun = performance.now()
  const started = proxy.start(site)
  if (started.pid === undefined) throw new Error(`${proxy.title} has no process`)
  try {
    await until(`${proxy.title} answers`, () => answers(portOf(site, 'http')), started)
    const took = performance.now() - begun
    await allThrough(site, 0)
    await work(started.pid, took)
  } finally {
    await started.stop()
  }
}

async function weighPlain(pid: number, site: Site, note: Note): Promise<void> {
  const empty = residentKib(pid)
  note(resident, empty / kibPerMib)
  const most = site.connections
  if (most < aThousand) throw new Error(`descriptors suffice for ${most} connections only`)
  const port = portOf(site, 'http')
  const closers: (() => Promise<void>)[] = []
  try {
    closers.push(await openIdle(port, aThousand))
    await allThrough(site, aThousand)
    note(residentThousand, residentKib(pid) / kibPerMib)
    closers.push(await openIdle(port, most - aThousand))
    await allThrough(site, most)
    const full = residentKib(pid)
    note(residentMost(most), full / kibPerMib)
    note(perIdle, (full - empty) / most)
  } finally {
    await Promise.all(closers.map((close) => close()))
    await allThrough(site, 0)
  }
}

async function weighTls(pid: number, site: Site, note: Note): Promise<void> {
  const empty = residentKib(pid)
  const close = await openIdleTls(portOf(site, 'tls'), aThousand)
  try {
    await allThrough(site, aThousand)
    const full = residentKib(pid)
    note(residentTls, full / kibPerMib)
    note(perIdleTls, (full - empty) / aThousand)
  } finally {
    await close()
    await allThrough(site, 0)
  }
}

/** Waits until so many connections have reached the upstream, and until what is done once nothing happens is done. */
async function allThrough(site: Site, connections: number): Promise<void> {
  const upstream = upstreamOf(site, 'http')
  const isReached = (): boolean => {
    const now = establishedNow(upstream)
    return connections === 0 ? now === 0 : now >= connections
  }
  await until(`${connections} connections are through`, isReached)
  await pause(500)
}
