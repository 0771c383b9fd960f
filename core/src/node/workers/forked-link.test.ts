import { expect, onTestFinished, test } from 'vitest'
import type * as upstreamMessages from '../../balancing/messages.ts'
import { pluginRow, serviceRow } from '../../gateway/rows.fixture.ts'
import { connectionsKey } from '../../connection/phases/accept.ts'
import { ForkedLink } from './forked-link.ts'
import { Figures } from '../metrics/figures.ts'
import { makeWorkers } from './make-workers.ts'
import type { ToSupervisor } from '../counters/messages.ts'
import type * as figureMessages from '../metrics/messages.ts'
import {
  countingPlugin,
  deltaOf,
  dial,
  grounds,
  logOf,
  serveText,
  settingsOf,
  snapshotTo,
  withCounting,
} from '../node.fixture.ts'
import { LoadsLedger } from '../upstreams/loads-ledger.ts'
import { deskOf } from '../kit/kit.fixture.ts'
import { Veto, WorkerLost } from './worker-link.ts'

async function fork(texts: Record<string, string> = {}) {
  const settings = settingsOf({ worker_processes: '2', ...texts })
  const { boot, listeners, port } = await grounds(settings)
  const said: ToSupervisor[] = []
  const tried: upstreamMessages.ToSupervisor[] = []
  const counted: figureMessages.ToSupervisor[] = []
  const make = () => {
    const counters = (message: ToSupervisor) => void said.push(message)
    const upstreams = (message: upstreamMessages.ToSupervisor) => void tried.push(message)
    const link = new ForkedLink({
      boot,
      bound: listeners.bound,
      slot: 0,
      counters,
      upstreams,
      kit: () => undefined,
      figures: (message) => void counted.push(message),
    })
    onTestFinished(async () => {
      link.kill()
      await link.heard
    })
    return link
  }
  return { make, port, said, tried, counted, listeners }
}

test('a worker process serves, follows changes, refuses what it cannot, and ends when told', async () => {
  const [one, two] = [await serveText('one'), await serveText('two')]
  const { make, port, listeners } = await fork()
  const link = make()
  await link.start(snapshotTo(one))
  expect(link.heap).toBeGreaterThan(1_000_000)
  expect(await dial(port)).toBe('one')

  const enable = deltaOf(2, { op: 'put', entity: 'plugins', row: pluginRow('p', 'nowhere') })
  const refused = link.prepare(enable)
  await expect(refused).rejects.toBeInstanceOf(Veto)
  await expect(refused).rejects.toMatchObject({ plugin: 'nowhere' })

  const move = deltaOf(2, { op: 'put', entity: 'services', row: serviceRow('s', { port: two }) })
  await link.prepare(move)
  link.discard()
  await expect(link.swap()).rejects.toThrow('nothing is prepared')
  await link.prepare(move)
  await link.swap()
  expect(await dial(port)).toBe('two')

  listeners.close()
  await link.drain(0)
  expect(await dial(port)).toBe('ECONNREFUSED')
  await link.heard
  expect(link.traffic).toEqual({ accepted: 2, active: 0 })
})

test('who waits in the queue of a dead worker is served by the next one', async () => {
  const { make, port } = await fork()
  const snapshot = snapshotTo(await serveText('served'))
  const first = make()
  await first.start(snapshot)
  first.kill()
  await first.gone
  const waiting = dial(port)
  await make().start(snapshot)
  expect(await waiting).toBe('served')
})

test('a worker that dies leaves no question unanswered', async () => {
  const { make } = await fork()
  const link = make()
  const starting = link.start(snapshotTo(1))
  link.kill()
  await expect(starting).rejects.toBeInstanceOf(WorkerLost)
  await link.heard
  await expect(link.swap()).rejects.toBeInstanceOf(WorkerLost)
})

test('everything a worker has said is heard before its end is', async () => {
  const { make, port, said } = await fork({ max_connections: '5' })
  const link = make()
  await link.start(snapshotTo(1))
  const dialled = dial(port)
  await expect.poll(() => said.length).toBeGreaterThan(0)
  expect(said[0]).toMatchObject({ type: 'counters.want', key: connectionsKey, limit: 5 })
  link.tellCounters({
    type: 'counters.answer',
    key: connectionsKey,
    limit: 5,
    permits: 4,
    refused: 0,
    passOn: false,
  })
  await dialled
  await link.drain(0)
  await link.heard
  // One was used and released; all four come back before the process ends.
  expect(said.at(-1)).toMatchObject({ type: 'counters.give', permits: 4 })
})

test('several workers are made as processes that count together, one lives here', async () => {
  const { boot, listeners } = await grounds(settingsOf({ worker_processes: '2' }), 2)
  const { log } = logOf()
  const forked = makeWorkers(
    2,
    log,
    new LoadsLedger(),
    deskOf(),
    new Figures(log),
  )(
    boot,
    listeners.bound,
  )(1)
  const local = makeWorkers(
    1,
    log,
    new LoadsLedger(),
    deskOf(),
    new Figures(log),
  )(
    boot,
    listeners.bound,
  )(0)
  expect(forked.pid).not.toBe(process.pid)
  expect(local.pid).toBe(process.pid)
  forked.kill()
  local.kill()
  await Promise.all([forked.gone, local.gone])
})

test('what a worker process has declared is known when it has started; asked, it tells what it has counted', async () => {
  const { make, port, counted } = await fork({ plugins: countingPlugin() })
  const link = make()
  await link.start(withCounting(snapshotTo(await serveText('one'))))
  const definition = expect.objectContaining({ name: 'ended_total' })
  expect(counted).toEqual([{ type: 'metrics.declared', definition }])
  expect(link.resident).toBeGreaterThan(link.heap)
  expect(await dial(port)).toBe('one')
  await expect
    .poll(async () => {
      await link.report()
      return counted.map(({ type }) => type)
    })
    .toEqual(['metrics.declared', 'metrics.counted', 'plugins.behaved'])
  const families = [{ name: 'ended_total', series: [{ values: [], value: 1 }], dropped: 0 }]
  expect(counted[1]).toEqual({ type: 'metrics.counted', families })
  expect(counted[2]).toMatchObject({
    reports: [{ id: 'p', news: { phases: { log: { calls: 1 } } } }],
  })
  // One that does not answer is asked some times, and then no more.
  process.kill(link.pid, 'SIGSTOP')
  const asked = Array.from({ length: 16 }, () => link.report())
  await link.report()
  link.kill()
  await Promise.all(asked)
  await link.gone
  await link.report()
})
