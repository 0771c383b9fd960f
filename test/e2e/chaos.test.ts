import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { startGateway, until, type RunningGateway } from './support/gateway.ts'
import { hold, serve, serveEcho, talk, talkTls, type Held } from './support/peers.ts'

/** Connections that the gateway takes at once. */
const limit = 40
/** Loopback addresses by what waits behind the gateway for them. */
const sources = {
  echo: '127.0.0.10',
  resetter: '127.0.0.11',
  closer: '127.0.0.12',
  dead: '127.0.0.13',
}

async function configure(gateway: RunningGateway): Promise<void> {
  const echo = await serveEcho()
  const resetter = await serve((socket) => {
    socket.once('data', () => socket.resetAndDestroy()).on('end', () => socket.end())
  })
  const closer = await serve((socket) => socket.end('bye').resume())
  const ports = { echo: echo.port, resetter: resetter.port, closer: closer.port, dead: 1 }
  for (const [name, ip] of Object.entries(sources)) {
    const port = ports[name as keyof typeof ports]
    const timeouts = { read_timeout: 60_000, write_timeout: 60_000, retries: 0 }
    await gateway.create('/services', { name, url: `tcp://127.0.0.1:${port}`, ...timeouts })
    const route = { name, protocols: ['tcp'], sources: [{ ip }] }
    await gateway.create(`/services/${name}/routes`, route)
  }
  const ends = { name: 'ends', protocols: ['tls'], snis: ['a.example'] }
  await gateway.create('/services/echo/routes', ends)
}

/** What clients do; each is told how far its turn is, so that the moments differ. */
const habits: readonly ((socket: Socket, turn: number) => void)[] = [
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.end(),
  (socket) => socket.end('and goes'),
  (socket, turn) => {
    socket.write('abc')
    setTimeout(() => socket.resetAndDestroy(), turn % 7)
  },
  (socket) => socket.end(Buffer.from([0x16, 3, 1, 0xff, 0xff, 1, 2, 3])),
  (socket, turn) => {
    const tls = connectTls({ socket, servername: 'a.example', rejectUnauthorized: false })
    tls.on('error', () => undefined).resume()
    tls.on('secureConnect', () => {
      tls.write('hello')
      setTimeout(() => socket.resetAndDestroy(), turn % 4)
    })
  },
  (socket) => {
    const tls = connectTls({ socket, servername: 'a.example', rejectUnauthorized: false })
    tls.on('error', () => undefined).on('secureConnect', () => tls.end('half'))
    tls.resume()
  },
]

async function misbehave(port: number, turn: number): Promise<void> {
  const from = Object.values(sources)[turn % 4] ?? ''
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, allowHalfOpen: true })
  socket.on('error', () => undefined).on('end', () => socket.end())
  socket.once('connect', () => habits[turn % habits.length]?.(socket.resume(), turn))
  // Some are left waiting, by an upstream that is silent for example: they lose their patience.
  const patience = setTimeout(() => socket.destroy(), 1000)
  await new Promise((resolve) => socket.once('close', resolve))
  clearTimeout(patience)
}

const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

test('after unruly clients and upstreams, under changes of the configuration, nothing is left behind', async () => {
  const settings = {
    worker_processes: '2',
    max_connections: String(limit),
    preread_silence: '20ms',
  }
  const gateway = await startGateway({ settings })
  await configure(gateway)
  const rules = async (): Promise<void> => {
    const from = sources.echo
    expect(await talk(gateway.port, 'plain', { from })).toMatchObject({ received: 'plain' })
    const answer = await talkTls(gateway.port, 'tls', { servername: 'a.example' })
    expect(answer).toMatchObject({ received: 'tls' })
  }
  // With its first plugin a worker has a thread that watches it.
  const first = await gateway.create('/plugins', { name: 'rate-limiting', config: { hour: 1000 } })
  for (let round = 0; round < 5; round += 1) await rules()
  await gateway.admin('DELETE', `/plugins/${first.id}`)
  const server = async () => (await gateway.admin('GET', '/status')).body.server
  const calm = () => until(async () => (await server()).connections_active === 0)
  await calm()
  const pids = [gateway.pid, ...(await gateway.workers())]
  const before = pids.map(descriptors)

  let turn = 0
  const isOver = (): boolean => turn >= 420
  const client = async (): Promise<void> => {
    while (!isOver()) await misbehave(gateway.port, (turn += 1))
  }
  const operator = async (): Promise<void> => {
    for (let change = 1; !isOver(); change += 1) {
      const config = { hour: 100_000 + change }
      const made = await gateway.create('/routes/echo/plugins', { name: 'rate-limiting', config })
      await gateway.admin('PATCH', '/routes/ends', { tags: [`change${change}`] })
      expect((await gateway.admin('DELETE', `/plugins/${made.id}`)).status).toBe(204)
    }
  }
  await Promise.all([operator(), ...Array.from({ length: 16 }, client)])

  await until(
    () => pids.every((pid, index) => descriptors(pid) <= (before[index] ?? 0) + 1),
    () => `descriptors ${pids.map(descriptors).join()} were ${before.join()}`,
  )
  await calm()
  await rules()
  const held = await Promise.all(
    Array.from({ length: limit }, (): Promise<Held> => {
      return hold({ port: gateway.port, host: '127.0.0.1', localAddress: sources.echo })
    }),
  )
  expect((await talk(gateway.port, 'one more', { from: sources.echo })).received).toBe('')
  for (const { socket } of held) socket.destroy()
  const lines = () => gateway.endings().reduce((sum, line) => sum + (line['repeated'] ?? 1), 0)
  // Reports of the traffic come once a second, lines of repeated refusals when theirs is over.
  let told = ''
  await until(
    async () => {
      const { connections_accepted: accepted, connections_active: active } = await server()
      told = `${active} active, ${accepted} accepted, ${lines()} lines`
      return active === 0 && accepted === lines()
    },
    () => told,
  )
  expect(gateway.endings().filter(({ ending }) => ending === 'gateway.error')).toEqual([])
  expect(gateway.output()).not.toMatch(/nobody caught this|"level":"error"/)
})
