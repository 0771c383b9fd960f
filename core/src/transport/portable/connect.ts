import { connect as open, isIP, type Socket } from 'node:net'
import type { Endpoint } from '@kong-ts/pdk'
import { TransportError, type ConnectOptions } from '../transport.ts'
import { endpointOf, unixPath } from './endpoint.ts'
import { connectError } from './failures.ts'
import { PortableOutbound } from './outbound.ts'
import { startTimer } from './timer.ts'
import { secureUpstream } from './upstream-tls.ts'
import { ignoreError, Wire } from './wire.ts'

/** Connects to an address, a host name or `unix:PATH`, with TLS where it is asked for. */
export async function connect(
  target: Endpoint,
  options: ConnectOptions,
): Promise<PortableOutbound> {
  const socket = await dial(target, options)
  const plain = new Wire(socket, socket, unixPath(target) === undefined)
  const remote = reached(target, socket)
  const wire = options.tls
    ? await secureUpstream(plain, target, options.tls, options.deadline)
    : plain
  return new PortableOutbound(wire, remote)
}

function dial(target: Endpoint, options: ConnectOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { first } = options
    const socket = start(target, options.keepAlive)
    // A paused socket does not begin to read by itself.
    socket.pause()
    socket.on('error', ignoreError)
    const done = () => {
      stop()
      resolve(socket)
    }
    const onConnect = () => {
      if (!first) return done()
      // What fails here is an error of the socket, too.
      socket.write(first, (error) => !error && done())
    }
    const onError = (error: Error) => {
      stop()
      reject(connectError(error))
    }
    const timer = startTimer(options.deadline, () => {
      stop()
      socket.destroy()
      reject(new TransportError('timeout', 'the connection was not accepted in time'))
    })
    const stop = () => {
      clearTimeout(timer)
      socket.off('connect', onConnect).off('error', onError)
    }
    socket.on('connect', onConnect).on('error', onError)
  })
}

function start(target: Endpoint, keepAlive: number): Socket {
  const path = unixPath(target)
  if (path !== undefined) return open({ path, allowHalfOpen: true })
  return open({
    host: target.address,
    port: target.port,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: keepAlive > 0,
    keepAliveInitialDelay: keepAlive * 1000,
  })
}

/** A literal address is the one that was reached; a name's is asked of the kernel. */
function reached(target: Endpoint, socket: Socket): Endpoint {
  if (unixPath(target) !== undefined || isIP(target.address) !== 0) return target
  const { remoteAddress, remotePort } = socket
  return remoteAddress !== undefined && remotePort !== undefined
    ? endpointOf(remoteAddress, remotePort)
    : target
}
