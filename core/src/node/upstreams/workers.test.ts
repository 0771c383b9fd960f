import { connect, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { ToSupervisor } from '../../balancing/messages.ts'
import { targetRow, upstreamRow } from '../../balancing/pools.fixture.ts'
import { EntitySet } from '../../entities/entity-set.ts'
import type { Upstream } from '../../entities/rows.ts'
import { routeRow, serviceRow } from '../../gateway/rows.fixture.ts'
import { LocalCounters } from '../counters/local-counters.ts'
import { ForkedLink } from '../workers/forked-link.ts'
import { LocalLink } from '../workers/local-link.ts'
import { dial, grounds, logOf, settingsOf } from '../node.fixture.ts'
import { createTransport } from '../transport.ts'

/** A busy machine may take its time. */
const patient = { timeout: 10_000 }

/** A server that says a name, and stays until the client goes. */
async function serveName(name: string): Promise<string> {
  const live = new Set<Socket>()
  const server = createServer((socket) => {
    live.add(socket)
    socket.on('error', () => undefined).on('end', () => socket.end())
    socket.write(name)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of live) socket.destroy()
    server.close()
  })
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

/** Keeps a connection; resolves with the name that it hears. */
async function hold(port: number): Promise<{ name: string; ended: Promise<void> }> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const heard = new Promise<string>((resolve) => {
    socket.once('data', (chunk) => resolve(String(chunk)))
  })
  return { name: await Promise.race([heard, ended.then(() => 'nobody')]), ended }
}

type Kind = 'in this process' | 'in a process of its own'

/** A worker that balances over these targets. */
async function workerOf(kind: Kind, targets: readonly string[], more: Partial<Upstream> = {}) {
  const { boot, listeners, port } = await grounds(settingsOf())
  const said: ToSupervisor[] = []
  const upstreams = (message: ToSupervisor): void => void said.push(message)
  const set = EntitySet.empty()
  set.apply([
    { op: 'put', entity: 'upstreams', row: upstreamRow('u', more) },
    ...targets.map(
      (target) => ({ op: 'put', entity: 'targets', row: targetRow('u', target) }) as const,
    ),
    {
      op: 'put',
      entity: 'services',
      row: serviceRow('s', { host: 'u.test', read_timeout: 60_000 }),
    },
    { op: 'put', entity: 'routes', row: routeRow('r', 's') },
  ])
  const { bound } = listeners
  const { log } = logOf()
  const transport = createTransport('portable')
  const kit = () => undefined
  const link =
    kind === 'in this process'
      ? new LocalLink({
          boot,
          bound,
          counters: new LocalCounters(Date),
          transport,
          log,
          upstreams,
          kit,
          figures: () => undefined,
        })
      : new ForkedLink({
          boot,
          bound,
          slot: 0,
          counters: () => undefined,
          upstreams,
          kit,
          figures: () => undefined,
        })
  onTestFinished(async () => {
    link.kill()
    await link.gone
  })
  return { link, port, said, start: () => link.start(set.snapshot()) }
}

test.each<Kind>(['in this process', 'in a process of its own'])(
  'a worker %s knows before its first connection what it was told before it started',
  async (kind) => {
    const targets = await Promise.all(['a', 'b'].map(serveName))
    const { link, port, start } = await workerOf(kind, targets)
    const tell = (...available: readonly boolean[]) => {
      const peers = targets.map((peer, index) => ({ peer, available: available[index] ?? true }))
      link.tell({ type: 'health', upstream: 'u', peers })
    }
    tell(false, true)
    await start()
    for (let time = 0; time < 3; time++) expect((await hold(port)).name).toBe('b')
    tell(true, false)
    await expect.poll(async () => (await hold(port)).name, patient).toBe('a')
    tell(false, false)
    await expect.poll(() => dial(port), patient).toBe('')
  },
)

test.each<Kind>(['in this process', 'in a process of its own'])(
  'a worker %s tells of its connections and of failed tries',
  async (kind) => {
    const [alive, gone] = [await serveName('a'), '127.0.0.1:1']
    const more = { algorithm: 'least-connections' }
    const { port, said, start } = await workerOf(kind, [alive, gone], more)
    await start()
    for (let time = 0; time < 3; time++) expect((await hold(port)).name).toBe('a')
    const told = () => new Map(said.flatMap((each) => (each.type === 'loads' ? each.counts : [])))
    await expect.poll(() => told().get(alive), patient).toBe(3)
    const tried = said.flatMap((message) => (message.type === 'tried' ? [message] : []))
    expect(tried.length).toBeGreaterThan(0)
    for (const { peer, outcomes } of tried) {
      expect([peer, Object.keys(outcomes)]).toEqual([gone, ['tcp_failure']])
    }
  },
)

test('the connections of a peer end when that is told, and no others', async () => {
  const targets = await Promise.all(['a', 'b'].map(serveName))
  const { link, port, start } = await workerOf('in this process', targets)
  await start()
  const held = [await hold(port), await hold(port)]
  expect(held.map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['a', 'b'])
  link.tell({ type: 'close', upstream: 'u', peer: targets[0] ?? '', window: 0 })
  await held.find(({ name }) => name === 'a')?.ended
  await expect.poll(() => link.traffic.active, patient).toBe(1)
})

test('a peer that accepts only to reset is told of as such, and never as a success', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => socket.resetAndDestroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const target = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const healthchecks = { passive: { unhealthy: { tcp_failures: 2 } } }
  const { port, said, start } = await workerOf('in this process', [target], { healthchecks })
  await start()
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  socket.write('hello')
  await expect
    .poll(() => said, patient)
    .toEqual([{ type: 'tried', upstream: 'u', peer: target, outcomes: { reset: 1 } }])
})
