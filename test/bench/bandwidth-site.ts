import { createServer, type AddressInfo, type Socket } from 'node:net'
import { kongCommand, type Transport } from './kong.ts'
import { answers, freePort, loopback } from './network.ts'
import { start, until } from './processes.ts'

const limits = {
  'without the plugin': undefined,
  'per connection, 1 MB/s': { download: 1_000_000 },
  'per key, 1 MB/s': { download: 1_000_000, scope: 'key' },
  'per connection': { download: 400_000_000 },
  'per key': { download: 400_000_000, scope: 'key' },
  'a quota': { quota: { month: 1e15 } },
  'per key, and a quota': { download: 400_000_000, scope: 'key', quota: { month: 1e15 } },
} as const

export type Limit = keyof typeof limits

/** A gateway with a listener for each limit, and an upstream that sends what it is asked for. */
export interface LimitedSite {
  readonly pid: number
  portOf(limit: Limit): number
  stop(): Promise<void>
}

export async function startLimited(folder: string, transport: Transport): Promise<LimitedSite> {
  const ports = new Map<Limit, number>()
  const names: readonly Limit[] = Object.keys(limits).filter(isLimit)
  for (const name of names) ports.set(name, await freePort())
  const admin = await freePort()
  const upstream = await serveBytes()
  const gateway = start(kongCommand, ['start', '-p', folder], {
    KONG_STREAM_LISTEN: [...ports.values()].map((port) => `${loopback}:${port}`).join(', '),
    KONG_ADMIN_LISTEN: `${loopback}:${admin}`,
    KONG_WORKER_PROCESSES: '2',
    KONG_TRANSPORT: transport,
    KONG_ACCESS_LOG: 'off',
  })
  const stop = async (): Promise<void> => {
    await gateway.stop()
    upstream.close()
  }
  try {
    await until('the Admin API answers', () => answers(admin), gateway)
    const post = (path: string, body: object) => ask(`http://${loopback}:${admin}${path}`, body)
    await post('/services', { name: 'up', url: `tcp://${loopback}:${upstream.port}` })
    for (const [name, port] of ports) {
      const route = `r${port}`
      await post('/services/up/routes', {
        name: route,
        protocols: ['tcp'],
        destinations: [{ port }],
      })
      const config = limits[name]
      if (config) await post(`/routes/${route}/plugins`, { name: 'bandwidth-limiting', config })
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { pid: gateway.pid, portOf: (limit) => ports.get(limit) ?? 0, stop }
}

function isLimit(name: string): name is Limit {
  return name in limits
}

async function ask(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${await answer.text()}`)
  await answer.body?.cancel()
}

const chunk = Buffer.alloc(256 * 1024)

async function serveBytes(): Promise<{ port: number; close(): void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (wish) => send(socket, Number(wish.toString())))
  })
  await new Promise<void>((resolve) => server.listen(0, loopback, resolve))
  const { port } = server.address() as AddressInfo
  return { port, close: () => server.close() }
}

function send(socket: Socket, bytes: number): void {
  let left = bytes
  while (left > 0 && socket.writable) {
    const part = left < chunk.length ? chunk.subarray(0, left) : chunk
    left -= part.length
    if (!socket.write(part)) return void socket.once('drain', () => send(socket, left))
  }
  socket.end()
}
