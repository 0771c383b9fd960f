import { expect, test } from 'vitest'
import type { Delta, Snapshot } from '../../entities/rows.ts'
import { Fleet, type MakeWorker } from './fleet.ts'
import { deltaOf, logOf, snapshotTo } from '../node.fixture.ts'
import { prepareAll } from './prepare-all.ts'
import { Stopping, Veto, WorkerLost, type WorkerLink } from './worker-link.ts'

type Scripted = Partial<Record<'start' | 'prepare' | 'swap', () => Promise<void>>>

/** A worker that does as its script says and notes what it was told. */
class FakeLink implements WorkerLink {
  readonly pid: number
  readonly gone: Promise<void>
  readonly told: string[] = []
  readonly script: Scripted
  traffic = { accepted: 1, active: 1 }
  resident = 0
  heap = 1000
  revision = 0
  #end: () => void = () => undefined
  constructor(pid: number, script: Scripted) {
    this.pid = pid
    this.script = script
    this.gone = new Promise((resolve) => (this.#end = resolve))
  }
  async start(snapshot: Snapshot): Promise<void> {
    this.told.push('start')
    this.revision = snapshot.revision
    await this.script.start?.()
  }
  async prepare(delta: Delta): Promise<void> {
    this.told.push(`prepare ${delta.revision}`)
    await this.script.prepare?.()
  }
  async swap(): Promise<void> {
    this.told.push('swap')
    await this.script.swap?.()
  }
  discard(): void {
    this.told.push('discard')
  }
  async drain(milliseconds: number): Promise<void> {
    this.told.push(`drain ${milliseconds}`)
    this.die()
  }
  reopenLogs(): void {
    this.told.push('reopen')
  }
  setLogLevel(level: string): void {
    this.told.push(`level ${level}`)
  }
  renewTickets([first]: Uint8Array): void {
    this.told.push(`tickets ${String(first)}`)
  }
  tell(): void {
    this.told.push('upstreams')
  }
  tellKit(): void {
    this.told.push('kit')
  }
  kill(): void {
    this.told.push('kill')
    this.die()
  }
  die(): void {
    this.traffic = { accepted: this.traffic.accepted, active: 0 }
    this.#end()
  }
}

/** A fleet whose workers, in the order in which they are made, follow these scripts. */
function fleetOf(slots: number, ...scripts: Scripted[]) {
  const links: FakeLink[] = []
  const { log, lines } = logOf()
  const state = { revision: 1 }
  const make: MakeWorker = () => {
    const link = new FakeLink(links.length + 1, scripts[links.length] ?? {})
    links.push(link)
    return link
  }
  const snapshot = () => snapshotTo(1, state.revision)
  const swapped: number[] = []
  const fleet = new Fleet({
    slots,
    make,
    snapshot,
    log,
    swapped: ({ revision }) => void swapped.push(revision),
  })
  return { fleet, links, lines, make, state, swapped }
}

/** Lets everything that can happen without the outside world happen. */
const settle = () => new Promise((resolve) => setTimeout(resolve))
const dies = () => Promise.reject(new WorkerLost('worker 2 died'))
const refuses = () => Promise.reject(new Veto('no'))

test('a change is prepared by all, then swapped in by all', async () => {
  const { fleet, links, swapped } = fleetOf(2)
  await fleet.start()
  await fleet.prepare(deltaOf(2))
  expect(swapped).toEqual([])
  await fleet.swap()
  for (const { told } of links) expect(told).toEqual(['start', 'prepare 2', 'swap'])
  expect(swapped).toEqual([2])
})

test('a veto discards what the others have prepared', async () => {
  const { fleet, links } = fleetOf(2, {}, { prepare: refuses })
  await fleet.start()
  await expect(fleet.prepare(deltaOf(2))).rejects.toThrow(Veto)
  await fleet.swap()
  expect(links[0]?.told).toEqual(['start', 'prepare 2', 'discard'])
  expect(links[1]?.told).toEqual(['start', 'prepare 2'])
})

test('a discarded change is not swapped in', async () => {
  const { fleet, links, swapped } = fleetOf(1)
  await fleet.start()
  await fleet.prepare(deltaOf(2))
  fleet.discard()
  await fleet.swap()
  expect(links[0]?.told).toEqual(['start', 'prepare 2', 'discard'])
  expect(swapped).toEqual([])
})

test('a worker that is lost while it prepares has no veto and is replaced, with the committed change', async () => {
  const { fleet, links, state } = fleetOf(2, {}, { prepare: dies })
  await fleet.start()
  await fleet.exclusively(async () => {
    await fleet.prepare(deltaOf(2))
    state.revision = 2
    await fleet.swap()
  })
  await settle()
  expect(links.map(({ told }) => told)).toEqual([
    ['start', 'prepare 2', 'swap'],
    ['start', 'prepare 2', 'kill'],
    ['start'],
  ])
  expect(links[2]?.revision).toBe(2)
  expect(fleet.pids).toEqual([1, 3])
})

test('when every worker is lost while it prepares, the change is refused', async () => {
  const { fleet } = fleetOf(2, { prepare: dies }, { prepare: dies })
  await fleet.start()
  await expect(fleet.prepare(deltaOf(2))).rejects.toThrow('no worker could prepare the change')
  await expect(prepareAll([], deltaOf(2), () => undefined)).rejects.toThrow(Veto)
})

test('the worker that fails to swap is the one that is replaced, also when a slot before it is empty', async () => {
  const never = () => new Promise<void>(() => undefined)
  const { fleet, links } = fleetOf(3, {}, {}, { swap: dies }, { start: never })
  await fleet.start()
  links[0]?.die()
  await settle()
  await fleet.prepare(deltaOf(2))
  await fleet.swap()
  expect(links[1]?.told).not.toContain('kill')
  expect(links[2]?.told).toContain('kill')
})

test('a worker that dies is replaced between two changes, not during one', async () => {
  const { fleet, links, state } = fleetOf(1)
  await fleet.start()
  const { promise, resolve } = Promise.withResolvers<void>()
  const change = fleet.exclusively(() => promise)
  links[0]?.die()
  await settle()
  expect(links).toHaveLength(1)
  expect(fleet.pids).toEqual([])
  state.revision = 2
  resolve()
  await change
  await settle()
  expect(links[1]).toMatchObject({ told: ['start'], revision: 2 })
})

test('a replacement that cannot start is tried again', async () => {
  const { fleet, links, lines } = fleetOf(1, {}, { start: dies })
  await fleet.start()
  links[0]?.die()
  await expect.poll(() => fleet.pids).toEqual([3])
  expect(lines.map(({ msg }) => msg)).toContain('a worker could not be replaced; trying again')
})

test('when one cannot start, none is left running', async () => {
  const { fleet, links } = fleetOf(2, {}, { start: () => Promise.reject(new Error('no plugin')) })
  await expect(fleet.start()).rejects.toThrow('no plugin')
  for (const { told } of links) expect(told.at(-1)).toBe('kill')
  await settle()
  expect(links).toHaveLength(2)
})

test('a reload replaces all, drains the old, and counts what they did', async () => {
  const { fleet, links, make } = fleetOf(2)
  await fleet.start()
  await fleet.replace(make, 70)
  expect(fleet.pids).toEqual([3, 4])
  for (const { told } of links.slice(0, 2)) expect(told).toEqual(['start', 'drain 70'])
  await settle()
  expect(fleet.traffic).toEqual({ accepted: 4, active: 2 })
  expect(links).toHaveLength(4)
})

test('a reload of which one worker cannot start leaves the old ones alone', async () => {
  const { fleet, links, make } = fleetOf(2, {}, {}, {}, { start: dies })
  await fleet.start()
  await expect(fleet.replace(make, 70)).rejects.toThrow(WorkerLost)
  await settle()
  expect(fleet.pids).toEqual([1, 2])
  expect(links.map(({ told }) => told)).toEqual([
    ['start'],
    ['start'],
    ['start', 'kill'],
    ['start', 'kill'],
  ])
})

test('one that dies while another one of the reload still starts is replaced', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { fleet, links, make } = fleetOf(2, {}, {}, {}, { start: () => promise })
  await fleet.start()
  const reload = fleet.replace(make, 0)
  await settle()
  links[2]?.die()
  await settle()
  resolve()
  await reload
  await settle()
  expect(fleet.pids).toEqual([5, 4])
})

test('a stop ends those that serve, start or drain, and nothing begins any more', async () => {
  const never = () => new Promise<void>(() => undefined)
  const { fleet, links, make } = fleetOf(1, {}, { start: never })
  await fleet.start()
  void fleet.replace(make, 0)
  await fleet.drain(30)
  for (const { told } of links) expect(told).toContain('drain 30')
  await expect(fleet.exclusively(async () => undefined)).rejects.toThrow(Stopping)
  await expect(fleet.replace(make, 0)).rejects.toThrow(Stopping)
  await settle()
  expect(links).toHaveLength(2)
})

test('new ticket keys reach all who serve, and whoever comes later', async () => {
  const { fleet, links } = fleetOf(2)
  await fleet.start()
  fleet.renewTickets(Uint8Array.of(7))
  links[0]?.die()
  await settle()
  expect(links.map(({ told }) => told)).toEqual([
    ['start', 'tickets 7'],
    ['start', 'tickets 7'],
    ['start', 'tickets 7'],
  ])
})

test('logs are opened again by those that drain, too', async () => {
  const { fleet, links } = fleetOf(1)
  await fleet.start()
  fleet.reopenLogs()
  expect(links[0]?.told).toEqual(['start', 'reopen'])
})

test('a level of the log holds for those that drain and for those to come', async () => {
  const { fleet, links, make } = fleetOf(1)
  await fleet.start()
  fleet.setLogLevel('debug')
  links[0]?.die()
  await settle()
  await expect.poll(() => links[1]?.told).toEqual(['start', 'level debug'])
  const replaced = fleet.replace(make, 0)
  fleet.setLogLevel('info')
  await replaced
  expect(links[1]?.told).toEqual(['start', 'level debug', 'level info', 'drain 0'])
  expect(links[2]?.told).toEqual(['start', 'level info', 'level info'])
})

test('the memory of those that serve is told, by process id', async () => {
  const { fleet, links } = fleetOf(2)
  await fleet.start()
  for (const [index, link] of links.entries()) link.heap = 10 * (index + 1)
  expect(fleet.heaps).toEqual([
    { pid: 1, heap: 10, resident: 0 },
    { pid: 2, heap: 20, resident: 0 },
  ])
})
