import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Snapshot } from '../../entities/rows.ts'
import { pluginRow, serviceRow } from '../../gateway/rows.fixture.ts'
import { LocalCounters } from '../counters/local-counters.ts'
import { LocalLink } from './local-link.ts'
import type { ToSupervisor } from '../metrics/messages.ts'
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
import { createTransport } from '../transport.ts'
import { Veto } from './worker-link.ts'

async function placeOf(settings = settingsOf()) {
  const { boot, listeners, port } = await grounds(settings)
  const { log, lines } = logOf()
  const counted: ToSupervisor[] = []
  const shared = {
    counters: new LocalCounters(Date),
    transport: createTransport('portable'),
    log,
    upstreams: () => undefined,
    kit: () => undefined,
    figures: (message: ToSupervisor) => void counted.push(message),
  }
  const make = (bound = listeners.bound) => new LocalLink({ boot, bound, ...shared })
  return { make, port, listeners, settings, lines, counted }
}

function withPlugin(snapshot: Snapshot): Snapshot {
  const plugins = [pluginRow('p', 'nowhere')]
  return { ...snapshot, rows: { ...snapshot.rows, plugins } }
}

test('it serves, follows a change once it is swapped in, and refuses after the drain', async () => {
  const [one, two] = [await serveText('one'), await serveText('two')]
  const { make, port } = await placeOf()
  const link = make()
  await link.start(snapshotTo(one))
  expect(await dial(port)).toBe('one')

  const move = deltaOf(2, { op: 'put', entity: 'services', row: serviceRow('s', { port: two }) })
  await link.prepare(move)
  link.discard()
  expect(await dial(port)).toBe('one')
  await link.prepare(move)
  expect(await dial(port)).toBe('one')
  await link.swap()
  expect(await dial(port)).toBe('two')
  expect(link.traffic.accepted).toBe(4)

  await link.drain(0)
  await link.gone
  expect(await dial(port)).toBe('ECONNREFUSED')
})

test('what cannot be prepared is a veto that names the plugin', async () => {
  const { make } = await placeOf()
  const link = make()
  await link.start(snapshotTo(1))
  const enable = deltaOf(2, { op: 'put', entity: 'plugins', row: pluginRow('p', 'nowhere') })
  const refused = link.prepare(enable)
  await expect(refused).rejects.toBeInstanceOf(Veto)
  await expect(refused).rejects.toMatchObject({ plugin: 'nowhere' })
  await link.drain(0)
})

test('a successor takes over the doors that stay, and closes the others', async () => {
  const settings = settingsOf({ stream_listen: '127.0.0.1:0, 127.0.0.1:0' })
  const { make, port, listeners } = await placeOf(settings)
  const [one, two] = [await serveText('one'), await serveText('two')]
  const other = listeners.addresses[1]?.port ?? 0
  const before = make()
  await before.start(snapshotTo(one))
  const after = make(listeners.bound.slice(0, 1))
  await after.start(snapshotTo(two), before)
  await before.drain(0)
  expect(await dial(port)).toBe('two')
  expect(await dial(other)).toBe('ECONNREFUSED')
  await after.drain(0)
  expect(await dial(port)).toBe('ECONNREFUSED')
})

test('a successor that cannot start has taken nothing, and opened nothing', async () => {
  const settings = settingsOf({ stream_listen: '127.0.0.1:0, 127.0.0.1:0' })
  const { make, port, listeners } = await placeOf(settings)
  const one = await serveText('one')
  const before = make(listeners.bound.slice(0, 1))
  await before.start(snapshotTo(one))
  const after = make()
  await expect(after.start(withPlugin(snapshotTo(one)), before)).rejects.toThrow('nowhere')
  await after.gone
  expect(await dial(port)).toBe('one')
  await before.drain(0)
})

test('one that is drained while it starts does not begin to accept', async () => {
  const { make, port } = await placeOf()
  const link = make()
  const starting = link.start(snapshotTo(1))
  link.kill()
  await expect(starting).rejects.toThrow('kong-ts is stopping')
  expect(await dial(port)).toBe('ECONNREFUSED')
})

test('an address that somebody took after it was bound is told in words', async () => {
  const { make, port } = await placeOf()
  // Two sockets may be bound to one port; who listens first has it.
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  await expect(make().start(snapshotTo(1))).rejects.toThrow(
    'cannot listen on 127.0.0.1:0: the address is already in use',
  )
})

test('it tells what its plugins have counted when it is asked, and at its end', async () => {
  const { make, port, counted } = await placeOf(settingsOf({ plugins: countingPlugin() }))
  const link = make()
  await link.start(withCounting(snapshotTo(await serveText('one'))))
  expect(counted.splice(0)).toMatchObject([{ type: 'metrics.declared' }])
  expect(await dial(port)).toBe('one')
  await expect
    .poll(async () => {
      await link.report()
      return counted
    })
    .toMatchObject([{ type: 'metrics.counted' }, { type: 'plugins.behaved' }])
  expect(link.resident).toBeGreaterThan(1_000_000)
  counted.splice(0)
  expect(await dial(port)).toBe('one')
  await link.drain(1000)
  expect(counted).toMatchObject([
    { type: 'metrics.counted', families: [{ series: [{ value: 1 }] }] },
    { type: 'metrics.retired' },
    { type: 'plugins.behaved' },
  ])
})
