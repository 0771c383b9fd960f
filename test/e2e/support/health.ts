import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { until, type Json, type RunningGateway } from './gateway.ts'
import { talk } from './peers.ts'

/** A server that may die and come back on its port. */
export interface Mortal {
  readonly name: string
  readonly port: number
  readonly target: string
  die(): Promise<void>
  live(): Promise<void>
}

/** Says its name to whoever says something, unless it is to serve otherwise. */
export async function mortal(
  name: string,
  serve: (socket: Socket) => void = (socket) => {
    socket.on('data', () => socket.write(name)).on('end', () => socket.end())
  },
): Promise<Mortal> {
  const sockets = new Set<Socket>()
  let server = createServer()
  let port = 0
  const live = async (): Promise<void> => {
    server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
      serve(socket)
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const address = server.address()
    if (address !== null && typeof address === 'object') ({ port } = address)
  }
  const die = async (): Promise<void> => {
    const closed = new Promise<unknown>((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await live()
  onTestFinished(die)
  return { name, port, target: `127.0.0.1:${port}`, die, live }
}

/** Checks that decide within a few looks, twenty times a second. */
export function often(active: object = {}): object {
  return {
    active: {
      type: 'tcp',
      timeout: 5,
      healthy: { interval: 0.05, successes: 2 },
      unhealthy: { interval: 0.05, tcp_failures: 2, timeouts: 2, http_failures: 2 },
      ...active,
    },
  }
}

/** What `/health` says of the targets of an upstream, by their names. */
export async function healthOf(
  gateway: RunningGateway,
  upstream = 'pool.test',
): Promise<Record<string, Json>> {
  const { body } = await gateway.admin('GET', `/upstreams/${upstream}/health?size=1000`)
  return Object.fromEntries(body.data.map((row: Json) => [row.target, row]))
}

/** Until the targets are as they are expected to be, by their names. */
export async function untilHealth(
  gateway: RunningGateway,
  expected: Readonly<Record<string, string>>,
  upstream = 'pool.test',
): Promise<void> {
  let seen: Record<string, Json> = {}
  await until(
    async () => {
      seen = await healthOf(gateway, upstream)
      return Object.entries(expected).every(([target, health]) => seen[target]?.health === health)
    },
    () => `expected ${JSON.stringify(expected)}, but: ${JSON.stringify(seen)}`,
  )
}

/** Who answers so many connections, one after the other; an empty text is nobody. */
export async function answers(gateway: RunningGateway, times: number): Promise<Set<string>> {
  const heard = new Set<string>()
  for (let time = 0; time < times; time++) heard.add((await talk(gateway.port, 'who?')).received)
  return heard
}

/** A connection that was answered and stays. */
export async function stay(gateway: RunningGateway): Promise<{ readonly over: Promise<void> }> {
  const socket = connect(gateway.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => undefined).write('who?')
  await new Promise((resolve) => socket.once('data', resolve))
  return { over }
}

export function mark(
  gateway: RunningGateway,
  target: string,
  word: 'healthy' | 'unhealthy' | 'automatic',
): Promise<{ readonly status: number; readonly body: Json }> {
  return gateway.admin('PUT', `/upstreams/pool.test/targets/${target}/${word}`)
}
