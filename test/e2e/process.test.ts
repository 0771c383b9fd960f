import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { isAlive, startGateway, until } from './support/gateway.ts'
import { hold, isRefused, refusedOrServed, serveEcho, talk } from './support/peers.ts'
import type { RunningGateway } from './support/gateway.ts'

const counts = [['1'], ['2']] as const

async function echoThrough(gateway: RunningGateway): Promise<void> {
  const echo = await serveEcho()
  await gateway.create('/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}` })
  await gateway.create('/services/echo/routes', {
    protocols: ['tcp'],
    destinations: [{ port: gateway.port }],
  })
}

test.each(counts)(
  'Ctrl-C drains with %s workers: nothing new comes in, what lives may end, the exit code is 0',
  async (worker_processes) => {
    const gateway = await startGateway({ settings: { worker_processes, drain_timeout: '30s' } })
    await echoThrough(gateway)
    const workers = await gateway.workers()
    const live = await hold(gateway.port)

    gateway.signalGroup('SIGINT')
    await until(() => isRefused(gateway.port))
    expect(await live.ask('still there')).toBe('still there')
    live.socket.end()
    expect(await gateway.exited).toBe(0)
    expect(gateway.endings().at(-1)).toMatchObject({ ending: 'client.closed' })
    expect(workers.filter(isAlive)).toEqual([])
  },
)

test.each(counts)(
  'a client that does not answer the FIN of a drain is cut off, and the log of %s workers says so',
  async (worker_processes) => {
    const gateway = await startGateway({ settings: { worker_processes, drain_timeout: '200ms' } })
    await echoThrough(gateway)
    const deaf = await hold({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true })
    gateway.signalGroup('SIGTERM')
    expect(await gateway.exited).toBe(0)
    expect(deaf.socket.writableEnded).toBe(false)
    expect(gateway.endings()).toMatchObject([{ ending: 'gateway.drain.deadline' }])
  },
)

test.each(counts)(
  'what does not end before drain_timeout is ended, and the log of %s workers says so',
  async (worker_processes) => {
    const gateway = await startGateway({ settings: { worker_processes, drain_timeout: '200ms' } })
    await echoThrough(gateway)
    const live = await hold(gateway.port)
    gateway.signalGroup('SIGTERM')
    expect(await gateway.exited).toBe(0)
    expect(await live.ended).toMatch(/^(end|close|ECONNRESET)$/)
    expect(gateway.endings()).toMatchObject([{ ending: 'gateway.drain.deadline' }])
  },
)

test('a second signal, later, ends it at once', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '2', drain_timeout: '1h' } })
  await echoThrough(gateway)
  await hold(gateway.port)
  gateway.signal('SIGTERM')
  await until(() => isRefused(gateway.port))
  // A signal within half a second is taken for an echo of the first, which npm passes on.
  const first = performance.now()
  await until(() => performance.now() - first > 600)
  gateway.signal('SIGTERM')
  expect(await gateway.exited).toBe(0)
})

test('workers leave it to the supervisor to end them', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '2' } })
  await echoThrough(gateway)
  const live = await hold(gateway.port)
  const workers = await gateway.workers()
  for (const pid of workers) {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, name)
  }
  expect(await live.ask('unmoved')).toBe('unmoved')
  expect(await gateway.workers()).toEqual(workers)
})

test('no worker outlives the supervisor: it stops accepting at once and drains', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '2', drain_timeout: '1s' } })
  await echoThrough(gateway)
  const workers = await gateway.workers()
  const live = await hold(gateway.port)
  gateway.signal('SIGKILL')
  await until(() => isRefused(gateway.port))
  expect(await live.ask('still served')).toBe('still served')
  await until(() => !workers.some(isAlive))
  expect(await live.ended).toMatch(/^(end|close|ECONNRESET)$/)
  await gateway.exited
  const drained = gateway.endings().filter(({ ending }) => ending === 'gateway.drain.deadline')
  expect(drained).toMatchObject([{ received: 'hellostill served'.length }])
})

test('a worker that dies is replaced, whoever waited in its queue is served, and nobody else notices', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '2' } })
  await echoThrough(gateway)
  const [doomed = 0, other = 0] = await gateway.workers()
  const live = await Promise.all(Array.from({ length: 40 }, () => hold(gateway.port)))

  process.kill(doomed, 'SIGKILL')
  const waiting = await Promise.all(Array.from({ length: 40 }, () => talk(gateway.port, 'hello')))
  expect(waiting.filter(({ received }) => received !== 'hello')).toEqual([])
  await until(async () => (await gateway.workers()).length === 2)
  const after = await gateway.workers()
  expect(after).toContain(other)
  expect(after).not.toContain(doomed)

  await until(() => live.some(({ isOver }) => isOver()))
  const spared = live.filter(({ isOver }) => !isOver())
  expect(spared.length).toBeGreaterThan(0)
  for (const each of spared) expect(await each.ask('unharmed')).toBe('unharmed')
})

test('max_connections holds over all workers, and a dead worker frees its own', async () => {
  const limit = 10
  const settings = { worker_processes: '2', max_connections: String(limit) }
  const gateway = await startGateway({ settings })
  await echoThrough(gateway)
  const outcomes = (count: number) =>
    Promise.all(Array.from({ length: count }, () => refusedOrServed(gateway.port)))
  const first = await outcomes(30)
  const served = first.filter((each) => each !== undefined)
  expect(served).toHaveLength(limit)
  await until(() => gateway.endings().length > 0)
  expect(gateway.endings()[0]).toMatchObject({ ending: 'gateway.max_connections', status: 503 })

  const [doomed = 0] = await gateway.workers()
  process.kill(doomed, 'SIGKILL')
  await until(async () => !(await gateway.workers()).includes(doomed))
  await until(async () => (await gateway.workers()).length === 2)
  // Who lived in the dead worker is over by now, or finds out; the kernel may have given it none.
  await Promise.all(served.map((held) => held.ask('x')))
  const left = served.filter(({ isOver }) => !isOver())
  const second = await outcomes(30)
  expect(second.filter((each) => each !== undefined)).toHaveLength(limit - left.length)
})

test('the start screen says when the descriptors will not do', async () => {
  const gateway = await startGateway({ settings: { max_connections: '10000000' } })
  expect(gateway.output()).toMatch(
    /warning: max_connections = 10000000 needs 20000256 file descriptors/,
  )
})

test.each(counts)(
  'unix and IPv6 listeners, for clients and for the Admin API, with %s workers',
  async (worker_processes) => {
    const settings = {
      worker_processes,
      stream_listen: '[::1]:0, unix:stream.sock',
      admin_listen: 'unix:admin.sock',
    }
    const gateway = await startGateway({ settings })
    const echo = await serveEcho()
    await gateway.create('/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}` })
    await gateway.create('/services/echo/routes', {
      protocols: ['tcp'],
      sources: [{ ip: '::1' }],
    })
    expect(gateway.output()).toMatch(/stream\s+\[::1\]:\d+, unix:.*stream\.sock/)
    const overSix = await hold({ host: '::1', port: gateway.port })
    expect(await overSix.ask('six')).toBe('six')
    const path = `${gateway.prefix}/stream.sock`
    const socket = connect({ path })
    await new Promise((resolve) => socket.once('close', resolve).resume())
    await until(() => gateway.endings().some(({ ending }) => ending === 'gateway.route.none'))
  },
)
