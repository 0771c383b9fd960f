import { connect, createServer } from 'node:net'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { UpstreamsEnd } from '../../balancing/upstreams-end.ts'
import { LocalCounters } from '../counters/local-counters.ts'
import { FiguresEnd } from '../metrics/figures-end.ts'
import {
  dial,
  grounds,
  logOf,
  serveText,
  settingsOf,
  snapshotTo,
  temporaryFolder,
} from '../node.fixture.ts'
import { KitEnd } from '../kit/kit-end.ts'
import { createTransport } from '../transport.ts'
import { Worker } from './worker.ts'
import { limits, openLineLog } from './worker-parts.ts'

async function serving(to: number, texts: Record<string, string> = {}) {
  const { boot, listeners, port } = await grounds(settingsOf(texts))
  const { log } = logOf()
  const worker = await Worker.create(boot, new LocalCounters(Date), log, {
    upstreams: new UpstreamsEnd(() => undefined),
    kit: new KitEnd(() => undefined, Date),
    figures: new FiguresEnd(() => undefined),
    transport: createTransport('portable'),
    slot: 0,
    listening: [],
  })
  await worker.load(snapshotTo(to))
  const [{ sockets, address } = { sockets: [], address: { address: '', port: 0 } }] =
    listeners.bound
  const options = { socket: sockets[0]!, address, backlog: 5, keepAlive: 0 }
  const listening = await createTransport('portable').listen(options, (inbound) =>
    worker.accept(inbound),
  )
  onTestFinished(() => listening.close())
  return { worker, port }
}

test('what it accepts is counted, served and logged', async () => {
  const path = join(temporaryFolder(), 'access.log')
  const { worker, port } = await serving(await serveText('hello'), { access_log: path })
  expect(await dial(port)).toBe('hello')
  await expect.poll(() => worker.traffic).toEqual({ accepted: 1, active: 0 })
  await worker.drain(0)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    ending: 'upstream.closed',
    sent: 5,
  })
})

test('a second drain with less patience ends what lives, and the access log says why', async () => {
  const path = join(temporaryFolder(), 'access.log')
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.close())
  const upstream = silent.address()
  const { worker, port } = await serving(typeof upstream === 'object' ? (upstream?.port ?? 0) : 0, {
    access_log: path,
  })
  const client = connect(port, '127.0.0.1').on('error', () => undefined)
  onTestFinished(() => void client.destroy())
  await expect.poll(() => worker.traffic.active).toBe(1)
  const patient = worker.drain(60_000)
  await worker.drain(0)
  await patient
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ ending: 'gateway.drain.deadline' })
})

test('what has not been prepared cannot be swapped in', async () => {
  const { worker } = await serving(1)
  expect(() => worker.swap()).toThrow('nothing is prepared')
  worker.discard()
  await worker.drain(0)
})

test('an access log that cannot be opened is told by the name of its setting', () => {
  const { log } = logOf()
  expect(() => openLineLog('access_log', { path: '/dev/null/access.log' }, log)).toThrow(
    /^access_log cannot be opened: EEXIST/,
  )
})

test('keepalive is counted in seconds', () => {
  expect(limits(settingsOf({ tcp_keepalive: '90s' }))).toMatchObject({ keepAlive: 90 })
})
