import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import type { Endpoint } from '@kong-ts/pdk'
import type { Inbound, Listening, ListenOptions } from '../transport.ts'
import { endpointOf, unixPath } from './endpoint.ts'
import { PortableInbound } from './inbound.ts'
import { ignoreError, Wire } from './wire.ts'

const anyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::', ''])

/** Accepts on a bound socket; rejects with the error of `listen(2)`. */
export async function listen(
  options: ListenOptions,
  accept: (inbound: Inbound) => void,
): Promise<Listening> {
  const server = createServer({
    pauseOnConnect: true,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: options.keepAlive > 0,
    keepAliveInitialDelay: options.keepAlive * 1000,
  })
  server.listen(options.socket, options.backlog)
  await once(server, 'listening')
  // A failed accept concerns one connection, and Node goes on accepting.
  server.on('error', ignoreError)
  const local = boundAddress(server, options.address)
  server.on('connection', (socket: Socket) => {
    socket.on('error', ignoreError)
    const inbound = admit(socket, local)
    // A connection that is already reset has no address any more: there is nobody to serve.
    if (inbound) accept(inbound)
    else socket.destroy()
  })
  return { close: () => close(server) }
}

/** The address of every connection of this listener, undefined where each has its own. */
function boundAddress(server: Server, configured: Endpoint): Endpoint | undefined {
  if (unixPath(configured) !== undefined) return configured
  const bound = server.address()
  if (bound === null || typeof bound === 'string') return configured
  return anyAddress.has(bound.address) ? undefined : endpointOf(bound.address, bound.port)
}

const unixClient: Endpoint = { address: 'unix:', port: 0 }

function admit(socket: Socket, bound: Endpoint | undefined): PortableInbound | undefined {
  if (bound && unixPath(bound) !== undefined) {
    return new PortableInbound(new Wire(socket, socket, false), unixClient, bound)
  }
  const remote = kernelEndpoint(socket.remoteAddress, socket.remotePort)
  const local = bound ?? kernelEndpoint(socket.localAddress, socket.localPort)
  return remote && local && new PortableInbound(new Wire(socket, socket, true), remote, local)
}

function kernelEndpoint(
  address: string | undefined,
  port: number | undefined,
): Endpoint | undefined {
  return address !== undefined && port !== undefined ? endpointOf(address, port) : undefined
}

/** The handle closes at once; the callback of `server.close` would wait for the live connections. */
function close(server: Server): Promise<void> {
  server.close()
  return Promise.resolve()
}
