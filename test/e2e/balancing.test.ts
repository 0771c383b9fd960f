import { expect, onTestFinished, test } from 'vitest'
import { backend, backends, balanceOver } from './support/backends.ts'
import { startGateway, type RunningGateway } from './support/gateway.ts'
import { hear, isRefused, serve, talk } from './support/peers.ts'
import { connect, type Socket } from 'node:net'
import { follow, startWithPlugins } from './support/with-plugins.ts'

const twoWorkers = { settings: { worker_processes: '2' } }

/** Who answers, for so many connections one after the other. */
async function ask(gateway: RunningGateway, times: number, from?: string): Promise<string[]> {
  const heard: string[] = []
  for (let time = 0; time < times; time++) {
    heard.push((await talk(gateway.port, 'who?', from ? { from } : {})).received)
  }
  return heard
}

/** A connection that stays, and who serves it. */
async function stay(gateway: RunningGateway): Promise<{ socket: Socket; name: string }> {
  const socket = connect(gateway.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write('who?')
  const name = await new Promise<string>((resolve) => {
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString()))
    socket.once('close', () => resolve('closed'))
  })
  return { socket, name }
}

const tally = (names: readonly string[]) =>
  Object.fromEntries(Array.from(Map.groupBy(names, String), ([name, all]) => [name, all.length]))

test('a service whose host is the name of an upstream is balanced by the weights of its targets', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '1' } })
  const [a, b, c] = await backends('a', 'b', 'c')
  await balanceOver(gateway, [
    [a!.target, 100],
    [b!.target, 300],
    [c!.target, 0],
  ])
  expect(tally(await ask(gateway, 40))).toEqual({ a: 10, b: 30 })
})

test('a target that is drained has no new connections, and keeps the old ones', async () => {
  const gateway = await startGateway(twoWorkers)
  const [a, b] = await backends('a', 'b')
  await balanceOver(gateway, [
    [a!.target, 100],
    [b!.target, 0],
  ])
  const held = await stay(gateway)
  expect(held.name).toBe('a')
  const targets = '/upstreams/pool.test/targets'
  await gateway.admin('PATCH', `${targets}/${a!.target}`, { weight: 0 })
  await gateway.admin('PATCH', `${targets}/${b!.target}`, { weight: 1 })
  expect(tally(await ask(gateway, 10))).toEqual({ b: 10 })
  held.socket.write('who?')
  expect(
    await new Promise((resolve) => held.socket.once('data', (data) => resolve(String(data)))),
  ).toBe('a')
  await gateway.admin('DELETE', `${targets}/${b!.target}`)
  expect((await talk(gateway.port, 'who?')).received).toBe('')
})

test('targets come and go, and an upstream takes another name', async () => {
  const gateway = await startGateway(twoWorkers)
  const lines = await follow(gateway)
  await balanceOver(gateway, [])
  expect(await ask(gateway, 1)).toEqual([''])
  const [line] = await lines(1)
  expect(line).toMatchObject({
    ending: 'upstream.targets.none',
    session: { status: 503 },
    tries: [],
  })
  const a = await backend('a')
  await gateway.create('/upstreams/pool.test/targets', { target: a.target })
  expect(await ask(gateway, 2)).toEqual(['a', 'a'])
  await gateway.admin('PATCH', '/upstreams/pool.test', { name: 'other.test' })
  expect(await ask(gateway, 1)).toEqual([''])
  await gateway.admin('PATCH', '/services/pool', { host: 'other.test' })
  expect(await ask(gateway, 2)).toEqual(['a', 'a'])
  await gateway.admin('DELETE', '/upstreams/other.test')
  expect(await ask(gateway, 1)).toEqual([''])
})

test('least connections counts those of all workers', async () => {
  const gateway = await startGateway(twoWorkers)
  const [a, b] = await backends('a', 'b')
  const upstream = { algorithm: 'least-connections' }
  await balanceOver(
    gateway,
    [
      [a!.target, 100],
      [b!.target, 100],
    ],
    { upstream },
  )
  const held: { socket: Socket; name: string }[] = []
  for (let count = 1; count <= 24; count++) {
    held.push(await stay(gateway))
    // Another worker hears of it within a moment; until then it may be one off.
    expect(Math.abs(a!.live() - b!.live())).toBeLessThanOrEqual(4)
  }
  for (const { socket, name } of held) if (name === 'a') socket.destroy()
  await expect.poll(async () => tally(await ask(gateway, 4)), { timeout: 30_000 }).toEqual({ a: 4 })
  for (let count = 1; count <= 6; count++) expect((await stay(gateway)).name).toBe('a')
})

test.each([
  ['ip', undefined],
  ['subnet', 8],
])('hashed on %s, a client always comes to the same target', async (hash_on, prefix) => {
  const gateway = await startGateway(twoWorkers)
  const all = await backends('a', 'b', 'c', 'd')
  const upstream = { hash_on, ...(prefix && { hash_on_ipv4_prefix: prefix }) }
  await balanceOver(
    gateway,
    all.map(({ target }) => [target, 100]),
    { upstream },
  )
  const perClient = await Promise.all(
    Array.from({ length: 12 }, (_, index) => ask(gateway, 4, `127.0.${index}.1`)),
  )
  for (const heard of perClient) expect(new Set(heard).size).toBe(1)
  expect(new Set(perClient.flat()).size).toBeGreaterThan(prefix ? 0 : 1)
  if (prefix) expect(new Set(perClient.flat()).size).toBe(1)
})

test('hashed on what a plugin has left in a slot; connections without one are spread', async () => {
  const tenant = `phases: { preread(conn) {
    const bytes = conn.client.address.split('.').map(Number)
    if (bytes[2] !== 9) conn.set(slot('tenant'), bytes[1])
  } }`
  const gateway = await startWithPlugins({ tenant }, twoWorkers)
  await gateway.create('/plugins', { name: 'tenant' })
  const all = await backends('a', 'b', 'c', 'd')
  const upstream = { hash_on: 'slot', hash_on_slot: 'tenant' }
  await balanceOver(
    gateway,
    all.map(({ target }) => [target, 100]),
    { upstream },
  )
  for (const second of [1, 2, 3, 4, 5]) {
    const heard = [
      ...(await ask(gateway, 2, `127.${second}.1.1`)),
      ...(await ask(gateway, 2, `127.${second}.2.2`)),
    ]
    expect(new Set(heard).size).toBe(1)
  }
  expect(new Set(await ask(gateway, 16, '127.1.9.1')).size).toBe(4)
})

test('a target that refuses costs a retry, and its clients nothing', async () => {
  const gateway = await startGateway(twoWorkers)
  const lines = await follow(gateway)
  const [a, gone] = [await backend('a'), await closedPort()]
  await balanceOver(gateway, [
    [a.target, 1],
    [`127.0.0.1:${gone}`, 3],
  ])
  expect(tally(await ask(gateway, 12))).toEqual({ a: 12 })
  const retried = (await lines(12)).filter(({ tries }) => tries.length > 1)
  expect(retried.length).toBeGreaterThan(0)
  expect(retried[0]!.tries).toMatchObject([{ port: gone }, { port: a.port }])
})

test('when all targets are down the last failure is told; what comes back is used at once', async () => {
  const gateway = await startGateway(twoWorkers)
  const lines = await follow(gateway)
  const { port, server } = await serve((socket) => socket.end('back'))
  await new Promise((resolve) => server.close(resolve))
  const gone = await closedPort()
  const targets = [port, gone].map((each) => [`127.0.0.1:${each}`, 100] as const)
  await balanceOver(gateway, targets, { service: { retries: 3 } })
  expect((await talk(gateway.port, 'x')).received).toBe('')
  const [line] = await lines(1)
  expect(line).toMatchObject({ ending: 'upstream.connect.refused', session: { status: 502 } })
  // Each of both twice: a round begins anew when all have failed.
  expect(tally(line!.tries.map((each) => String((each as { port: number }).port)))).toEqual({
    [port]: 2,
    [gone]: 2,
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  for (let time = 0; time < 4; time++) expect((await talk(gateway.port, 'x')).received).toBe('back')
})

test('a plugin may choose any target, listed or not', async () => {
  const [a, b, other] = await backends('a', 'b', 'other')
  const chooser = `phases: { balance({ client, targets }) {
    if (client.address === '127.0.0.2') return { host: '127.0.0.1', port: ${other!.port} }
    return client.address === '127.0.0.3' ? targets.find(({ port }) => port === ${b!.port}) : undefined
  } }`
  const gateway = await startWithPlugins({ chooser }, twoWorkers)
  await gateway.create('/plugins', { name: 'chooser' })
  await balanceOver(gateway, [
    [a!.target, 100],
    [b!.target, 100],
  ])
  expect(tally(await ask(gateway, 4, '127.0.0.2'))).toEqual({ other: 4 })
  expect(tally(await ask(gateway, 4, '127.0.0.3'))).toEqual({ b: 4 })
})

test('a target that is a listener of the gateway is refused, by whichever address', async () => {
  const gateway = await startGateway({
    settings: { stream_listen: '0.0.0.0:0', worker_processes: '2' },
  })
  const lines = await follow(gateway)
  const own = `127.0.0.1:${gateway.port}`
  await balanceOver(gateway, [[own, 100]], { service: { retries: 0 } })
  expect(await hear(connect(gateway.port, '127.0.0.1'))).toMatchObject({ received: '' })
  const [line] = await lines(1)
  expect(line).toMatchObject({
    ending: 'gateway.target.loop',
    reason: own,
    session: { status: 503 },
  })
  await gateway.admin('PATCH', '/services/pool', { host: 'localhost', port: gateway.port })
  expect(await hear(connect(gateway.port, '127.0.0.1'))).toMatchObject({ received: '' })
  expect((await lines(2))[1]).toMatchObject({ ending: 'gateway.target.loop' })
  const a = await backend('a')
  await gateway.admin('PATCH', '/services/pool', { host: 'pool.test', retries: 1 })
  await gateway.create('/upstreams/pool.test/targets', { target: a.target })
  expect(tally(await ask(gateway, 6))).toEqual({ a: 6 })
})

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const { port, server } = await serve(() => undefined)
  await new Promise((resolve) => server.close(resolve))
  expect(await isRefused(port)).toBe(true)
  return port
}
