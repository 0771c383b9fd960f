import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startGateway, until, type RunningGateway } from './support/gateway.ts'
import { hold, refusedOrServed, serve, serveEcho, talkTls, type Held } from './support/peers.ts'
import { routeTo, startWithPlugins } from './support/with-plugins.ts'

async function limitTo(gateway: RunningGateway, limit: number, more: object = {}): Promise<string> {
  const config = { limit, limit_by: 'route', ...more }
  const { id } = await gateway.create('/routes/plain/plugins', {
    name: 'connection-limiting',
    config,
  })
  return id
}

const bye: readonly ((held: Held) => void)[] = [
  ({ socket }) => void socket.end(),
  ({ socket }) => void socket.destroy(),
  ({ socket }) => void socket.resetAndDestroy(),
]

/** Waits until there are so many places, and that there is not one more; all are left again. */
async function hasPlaces(port: number, count: number): Promise<void> {
  const held: Held[] = []
  await until(
    async () => {
      const served = await refusedOrServed(port)
      if (served) held.push(served)
      return held.length === count
    },
    () => `${held.length} of ${count} places came free`,
  )
  expect(await refusedOrServed(port)).toBeUndefined()
  for (const { socket } of held) socket.destroy()
}

test('8 clients that come and go in every way through 2 workers never exceed the limit, and leave all of it', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '2' } })
  await routeTo(gateway, (await serveEcho()).port)
  const limit = 3
  await limitTo(gateway, limit)
  let [inside, most, refused] = [0, 0, 0]
  const client = async (rounds: number, shift: number): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      const held = await refusedOrServed(gateway.port)
      if (!held) {
        refused += 1
        continue
      }
      most = Math.max(most, ++inside)
      await held.ask(`${round}`)
      inside -= 1
      bye[(round + shift) % bye.length]?.(held)
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, index) => client(40, index)))
  expect(most).toBe(limit)
  expect(refused).toBeGreaterThan(0)
  await hasPlaces(gateway.port, limit)
  expect(gateway.endings()).toContainEqual(
    expect.objectContaining({
      ending: 'plugin.connection-limiting.rejected',
      reason: 'connection limit exceeded',
    }),
  )
})

const waits = `phases: { async preread(conn) { if ('wait' === Buffer.from(await conn.peek(4)).toString()) await conn.peek(5) } },`
const refuses = `phases: { async preread(conn) { if ('no!!' === Buffer.from(await conn.peek(4)).toString()) return reject('no') } },`

test('a place comes back after a reset in preread, a refusal by another plugin, a failed connect, a deleted route', async () => {
  const gateway = await startWithPlugins({ waits, refuses })
  const { port } = await serveEcho()
  await routeTo(gateway, port)
  await limitTo(gateway, 1)
  for (const name of ['waits', 'refuses']) await gateway.create('/plugins', { name })
  const send = async (text: string) => {
    const socket = connect(gateway.port, '127.0.0.1').on('error', () => undefined)
    await new Promise((resolve) => socket.write(text, resolve))
    return socket
  }

  const waiting = await send('wait')
  await until(async () => (await refusedOrServed(gateway.port)) === undefined)
  waiting.resetAndDestroy()
  await hasPlaces(gateway.port, 1)

  await until(async () => {
    await send('no!!')
    return gateway.endings().some(({ ending }) => ending === 'plugin.refuses.rejected')
  })
  await hasPlaces(gateway.port, 1)

  await gateway.admin('PATCH', '/services/up', { port: 1, retries: 2 })
  await send('here')
  await until(() => gateway.endings().some(({ ending }) => ending === 'upstream.connect.refused'))
  await gateway.admin('PATCH', '/services/up', { port })
  await hasPlaces(gateway.port, 1)

  await until(async () => (await refusedOrServed(gateway.port)) !== undefined)
  expect((await gateway.admin('DELETE', '/routes/plain')).status).toBe(204)
  const destinations = [{ port: gateway.port }]
  await gateway.create('/services/up/routes', { name: 'plain', protocols: ['tcp'], destinations })
  await limitTo(gateway, 2)
  await hasPlaces(gateway.port, 2)
})

test('a limit that changes counts who is there already; each gives back what it took', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '2' } })
  await routeTo(gateway, (await serveEcho()).port)
  const id = await limitTo(gateway, 1)
  const first = await hold(gateway.port)
  const change = (body: object) => gateway.admin('PATCH', `/plugins/${id}`, body)
  expect((await change({ config: { limit: 2 } })).status).toBe(200)
  const second = await hold(gateway.port)
  expect(await refusedOrServed(gateway.port)).toBeUndefined()
  expect((await change({ config: { limit: 2, limit_by: 'ip' } })).status).toBe(200)
  const others = [await hold(gateway.port), await hold(gateway.port)]
  expect(await refusedOrServed(gateway.port)).toBeUndefined()
  for (const [index, held] of [first, second, ...others].entries()) bye[index % 3]?.(held)
  await hasPlaces(gateway.port, 2)
  expect((await change({ config: { limit: 2, limit_by: 'route' } })).status).toBe(200)
  await hasPlaces(gateway.port, 2)
})

test('the places of a worker that is killed are free again', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '2' } })
  await routeTo(gateway, (await serveEcho()).port)
  await limitTo(gateway, 2)
  const held = [await hold(gateway.port), await hold(gateway.port)]
  for (const pid of await gateway.workers()) process.kill(pid, 'SIGKILL')
  await Promise.all(held.map(({ ended }) => ended))
  await hasPlaces(gateway.port, 2)
  await expect.poll(() => gateway.workers(), { timeout: 15_000 }).toHaveLength(2)
})

test('in shadow mode everybody passes, and who would not is told', async () => {
  const gateway = await startGateway()
  await routeTo(gateway, (await serveEcho()).port)
  const id = await limitTo(gateway, 1)
  await gateway.admin('PATCH', `/plugins/${id}`, { mode: 'shadow' })
  const held = [await hold(gateway.port), await hold(gateway.port), await hold(gateway.port)]
  await gateway.admin('PATCH', `/plugins/${id}`, { mode: 'enforce' })
  expect(await refusedOrServed(gateway.port)).toBeUndefined()
  for (const { socket } of held) socket.destroy()
  await hasPlaces(gateway.port, 1)
  const would = gateway.endings().filter(({ would_reject }) => would_reject)
  expect(would).toHaveLength(2)
})

test('a client that is routed a second time gives its first place back, too', async () => {
  const gateway = await startGateway({ settings: { preread_silence: '20ms' } })
  const silent = await serve((socket) => socket.resume().on('end', () => socket.end()))
  const echo = await serveEcho()
  await routeTo(gateway, silent.port)
  await gateway.create('/services', { name: 'tls', url: `tcp://127.0.0.1:${echo.port}` })
  await gateway.create('/services/tls/routes', { protocols: ['tls'], snis: ['late.example'] })
  await limitTo(gateway, 1)
  for (const text of ['one', 'two']) {
    const socket = connect(gateway.port, '127.0.0.1')
    await until(() => silent.live.size === 1)
    const said = await talkTls(0, text, { socket, servername: 'late.example' })
    expect(said).toMatchObject({ received: text })
    await until(() => silent.live.size === 0 && gateway.endings().length > 0)
  }
})
