import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { createSelfSigned } from '../../../core/src/certificates/self-signed.ts'
import type { Gateway } from '../gateway.ts'
import { loopback } from '../network.ts'

/** From which address a client comes says what waits for it behind the gateway. */
export const sources = {
  echo: '127.0.0.10',
  resetter: '127.0.0.11',
  closer: '127.0.0.12',
  dead: '127.0.0.13',
} as const

/** The names of TLS clients: one session ends at the gateway, the other passes through. */
export const names = { ends: 'ends.example', passes: 'passes.example' } as const

export interface Behind {
  readonly ports: Readonly<Record<keyof typeof sources | 'passes', number>>
  /** Connections that the gateway holds here. */
  live(): number
  close(): void
}

/** What stands behind the gateway: an echo, one over TLS, one that resets, one that says its word and leaves, nobody. */
export async function standBehind(): Promise<Behind> {
  const live = new Set<Socket>()
  const servers: Server[] = []
  const listen = async (server: Server, event: string): Promise<number> => {
    server.on(event, (socket: Socket) => {
      live.add(socket)
      socket.on('error', () => undefined).on('close', () => live.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(0, loopback, resolve))
    servers.push(server)
    return (server.address() as AddressInfo).port
  }
  const open = (onConnection: (socket: Socket) => void): Promise<number> =>
    listen(createServer({ allowHalfOpen: true }, onConnection), 'connection')
  const { cert, key } = await createSelfSigned({ key: 'ec', commonName: names.passes, days: 2 })
  const passes = createTlsServer({ cert, key }, (socket) => socket.pipe(socket))
  const ports = {
    echo: await open((socket) => socket.pipe(socket)),
    resetter: await open((socket) => {
      socket.once('data', () => socket.resetAndDestroy()).on('end', () => socket.end())
    }),
    closer: await open((socket) => socket.end('bye').resume()),
    dead: 1,
    passes: await listen(passes, 'secureConnection'),
  }
  const close = (): void => {
    for (const socket of live) socket.destroy()
    for (const server of servers) server.close()
  }
  return { ports, live: () => live.size, close }
}

/** Services and routes to all of them. */
export async function configure(gateway: Gateway, { ports }: Behind): Promise<void> {
  const service = (name: string, port: number): Promise<void> =>
    gateway.write('POST', '/services', { name, url: `tcp://${loopback}:${port}`, retries: 0 })
  for (const [name, ip] of Object.entries(sources)) {
    await service(name, ports[name as keyof typeof sources])
    const route = { name, protocols: ['tcp'], sources: [{ ip }] }
    await gateway.write('POST', `/services/${name}/routes`, route)
  }
  const ends = { name: 'ends', protocols: ['tls'], snis: [names.ends] }
  await gateway.write('POST', '/services/echo/routes', ends)
  await service('passes', ports.passes)
  const passes = { name: 'passes', protocols: ['tls_passthrough'], snis: [names.passes] }
  await gateway.write('POST', '/services/passes/routes', passes)
}
