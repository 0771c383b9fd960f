import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway, until, type RunningGateway } from './support/gateway.ts'
import { hear, hold, refusedOrServed, serve, serveEcho, talk } from './support/peers.ts'
import { follow } from './support/with-plugins.ts'

interface Limits {
  readonly upstream?: object
  /** By port. */
  readonly targets: Readonly<Record<number, object>>
}

/** An upstream with limits, and a plain route to it. */
async function limit(gateway: RunningGateway, { upstream = {}, targets }: Limits): Promise<void> {
  await gateway.create('/upstreams', { name: 'limited.test', ...upstream })
  for (const [port, target] of Object.entries(targets)) {
    const place = { target: `127.0.0.1:${port}`, ...target }
    await gateway.create('/upstreams/limited.test/targets', place)
  }
  await gateway.create('/services', { name: 's', protocol: 'tcp', host: 'limited.test', port: 1 })
  const destinations = [{ port: gateway.port }]
  await gateway.create('/services/s/routes', { protocols: ['tcp'], destinations })
}

/** A backend that ends every session itself, after a while, and so knows for sure how many it has had at once. */
async function backend() {
  const seen = { now: 0, peak: 0, served: 0 }
  const { port } = await serve((socket) => {
    seen.now += 1
    seen.peak = Math.max(seen.peak, seen.now)
    socket.once('data', (data) => {
      setTimeout(() => {
        seen.now -= 1
        seen.served += 1
        socket.end(data)
      }, 5)
    })
  })
  return { port, seen }
}

const twoWorkers = { settings: { worker_processes: '2' } }
/** A target with one place, which is taken, and a queue with one behind it. */
async function onePlaceTaken() {
  const gateway = await startGateway(twoWorkers)
  const { port } = await serveEcho()
  const upstream = { max_connections: 1, queue_size: 1, queue_timeout: 20_000 }
  await limit(gateway, { upstream, targets: { [port]: {} } })
  return { gateway, held: await hold(gateway.port) }
}

/** A client that has connected, and said so much. */
async function arrive(port: number, say = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await new Promise((resolve) => socket.once('connect', resolve))
  if (say !== '') socket.write(say)
  return socket
}

test('under a crowd no upstream and no target has more connections than it may, and all are served', async () => {
  const gateway = await startGateway(twoWorkers)
  const [a, b] = [await backend(), await backend()]
  const upstream = { max_connections: 6, queue_size: 500, queue_timeout: 30_000 }
  const targets = { [a.port]: { max_connections: 2 }, [b.port]: { max_connections: 5 } }
  await limit(gateway, { upstream, targets })
  const talks = Array.from({ length: 300 }, (_, index) => talk(gateway.port, `${index}`))
  expect((await Promise.all(talks)).map(({ received }) => received)).toEqual(
    talks.map((_, index) => `${index}`),
  )
  expect([a.seen.peak, b.seen.peak]).toEqual([2, expect.any(Number)])
  expect(b.seen.peak).toBeLessThanOrEqual(5)
  expect(a.seen.served + b.seen.served).toBe(300)
})

test('without a queue who finds no room is refused at once, and nobody is once there is room again', async () => {
  const gateway = await startGateway(twoWorkers)
  const { port } = await serveEcho()
  await limit(gateway, { upstream: { max_connections: 3 }, targets: { [port]: {} } })
  const lines = await follow(gateway)
  for (let round = 1; round <= 5; round++) {
    const held = await Promise.all([1, 2, 3].map(() => hold(gateway.port)))
    expect(await refusedOrServed(gateway.port)).toBeUndefined()
    for (const { socket } of held) socket.destroy()
    await lines(round * 4)
  }
  const refused = (await lines(20)).filter(({ ending }) => ending === 'upstream.max_connections')
  expect(refused).toHaveLength(5)
  expect(refused[0]).toMatchObject({ session: { status: 503 }, tries: [] })
})

test('a target that is full is passed over', async () => {
  const gateway = await startGateway(twoWorkers)
  const [small, large] = [await serveEcho(), await serveEcho()]
  const targets = {
    [small.port]: { max_connections: 1, weight: 1000 },
    [large.port]: { weight: 1 },
  }
  await limit(gateway, { targets })
  const held = await Promise.all(Array.from({ length: 20 }, () => hold(gateway.port)))
  expect([small.live.size, large.live.size]).toEqual([1, 19])
  for (const { socket } of held) socket.destroy()
})

test('who waits is served in the order of arrival', async () => {
  const gateway = await startGateway()
  const order: string[] = []
  const { port } = await serve((socket) => {
    socket.on('data', (data) => {
      order.push(String(data))
      socket.end(data)
    })
  })
  await limit(gateway, {
    upstream: { max_connections: 1, queue_size: 9 },
    targets: { [port]: {} },
  })
  const first = await arrive(gateway.port)
  const waiting: Promise<unknown>[] = [hear(first)]
  for (const name of ['b', 'c', 'd', 'e']) waiting.push(hear(await arrive(gateway.port, name)))
  first.write('a')
  await Promise.all(waiting)
  expect(order).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('a queue that is full, and a wait that is too long', async () => {
  const gateway = await startGateway(twoWorkers)
  const { port } = await serveEcho()
  const upstream = { max_connections: 1, queue_size: 2, queue_timeout: 4000 }
  await limit(gateway, { upstream, targets: { [port]: {} } })
  const lines = await follow(gateway)
  await hold(gateway.port)
  const waiting = await Promise.all(Array.from({ length: 6 }, () => arrive(gateway.port)))
  await Promise.all(waiting.map(hear))
  const ended = Map.groupBy(await lines(6), ({ ending }) => ending)
  const full = ended.get('upstream.queue.full')
  const late = ended.get('upstream.queue.timeout')
  expect([full?.length, late?.length]).toEqual([4, 2])
  expect(full?.[0]).toMatchObject({ session: { status: 503 } })
  expect(late?.[0]).toMatchObject({ session: { status: 503 }, tries: [] })
  expect(late?.[0]?.latencies.queue).toBeGreaterThanOrEqual(3999)
})

test('a client that leaves without a word leaves its place to another one', async () => {
  const { gateway, held } = await onePlaceTaken()
  const lines = await follow(gateway)
  const leaves = await arrive(gateway.port)
  leaves.destroy()
  expect(await lines(1)).toMatchObject([{ ending: 'client.queue.closed' }])
  const next = refusedOrServed(gateway.port)
  held.socket.end()
  expect(await next).toBeDefined()
})

test('one that leaves after it has spoken may have half-closed: it goes when its place is needed', async () => {
  const { gateway, held } = await onePlaceTaken()
  const lines = await follow(gateway)
  const leaves = await arrive(gateway.port, 'hello')
  const { localPort } = leaves
  leaves.destroy()
  // Until the gateway has seen its end, others are refused.
  let next: ReturnType<typeof refusedOrServed> | undefined
  for (let refused = 1, gone: number | undefined; gone !== localPort; refused++) {
    next = refusedOrServed(gateway.port)
    const line = (await lines(refused)).at(-1)
    expect(line).toMatchObject({ ending: 'upstream.queue.full' })
    gone = line?.client_port
  }
  held.socket.end()
  expect(await next).toBeDefined()
})

test('a client that has asked and ended its side is answered when its turn comes', async () => {
  const { gateway, held } = await onePlaceTaken()
  const answer = talk(gateway.port, 'asked')
  await new Promise((resolve) => setTimeout(resolve, 100))
  held.socket.end()
  expect((await answer).received).toBe('asked')
})

test('a limit that is raised lets in who waits', async () => {
  const gateway = await startGateway(twoWorkers)
  const { port } = await serveEcho()
  const upstream = { max_connections: 1, queue_size: 3, queue_timeout: 20_000 }
  await limit(gateway, { upstream, targets: { [port]: {} } })
  await hold(gateway.port)
  const waiting = [1, 2].map(() => hold(gateway.port))
  await gateway.admin('PATCH', '/upstreams/limited.test', { max_connections: 3 })
  expect(await Promise.all(waiting)).toHaveLength(2)
})

test('what a worker that is killed has held is free, and no more', async () => {
  const gateway = await startGateway(twoWorkers)
  const { port } = await serveEcho()
  const most = 16
  await limit(gateway, { upstream: { max_connections: most }, targets: { [port]: {} } })
  const held = await Promise.all(Array.from({ length: most }, () => hold(gateway.port)))
  const [first, second] = await gateway.workers()
  process.kill(first!, 'SIGKILL')
  await until(async () => {
    const workers = await gateway.workers()
    return workers.length === 2 && !workers.includes(first!) && workers.includes(second!)
  })
  await until(() => held.some(({ isOver }) => isOver()))
  const free = held.filter(({ isOver }) => isOver()).length
  const again = await Promise.all(Array.from({ length: free }, () => hold(gateway.port)))
  expect(again).toHaveLength(free)
  expect(await refusedOrServed(gateway.port)).toBeUndefined()
})

test('who waits is served when the worker that was in the way is killed', async () => {
  const gateway = await startGateway(twoWorkers)
  const { port } = await serveEcho()
  const most = 16
  const upstream = { max_connections: most, queue_size: 99, queue_timeout: 20_000 }
  await limit(gateway, { upstream, targets: { [port]: {} } })
  const held = await Promise.all(Array.from({ length: most }, () => hold(gateway.port)))
  const waiting = Array.from({ length: 32 }, () => refusedOrServed(gateway.port))
  const [first] = await gateway.workers()
  process.kill(first!, 'SIGKILL')
  // Those that waited on it are gone with it; one of the other worker has its room.
  const served = await Promise.any(
    waiting.map(async (each) => (await each) ?? Promise.reject(new Error('gone'))),
  )
  expect(await served.ask('again')).toBe('again')
  for (const { socket } of held) socket.destroy()
})
