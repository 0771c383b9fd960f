import { Socket } from 'node:net'
import { ignoreError, Wire } from '../portable/wire.ts'
import { adopt } from './adopt.ts'
import { bridge } from './bridge.ts'
import type { NativeSocket } from './native-socket.ts'

/**
 * Makes a socket of Node out of a descriptor of the engine, for what needs Node's streams: TLS that the engine does not
 * do, and plugins that see bytes. Nothing is lost: what was peeked is still in the kernel or is held by the wire. A descriptor that is gone
 * becomes a closed socket.
 */
export function handOver(socket: NativeSocket): Wire {
  if (socket.isSecured) return bridge(socket)
  const { addon } = socket.hub
  socket.interrupt()
  const held = addon.held(socket.id)
  const fd = addon.release(socket.id)
  const stream = fd < 0 ? new Socket() : adopt(fd)
  stream.on('error', ignoreError)
  if (fd < 0) stream.destroy(socket.fault ?? undefined)
  const wire = new Wire(stream, stream, socket.resettable)
  if (held.length > 0) wire.hold(held)
  return wire
}
