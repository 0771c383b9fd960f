import { BoundSocket } from 'node:net'
import type { Endpoint } from '@kong-ts/pdk'
import { endpointOf, unixPath } from '../portable/endpoint.ts'
import type { Inbound, Listening, ListenOptions } from '../transport.ts'
import type { Door, Hub } from './hub.ts'
import { NativeInbound } from './inbound.ts'
import { NativeSocket } from './native-socket.ts'
import { systemError } from './system-error.ts'

/** Accepts on a bound socket; rejects with the error of `listen(2)`. */
export async function listen(
  hub: Hub,
  { socket, address, backlog, keepAlive }: ListenOptions,
  accept: (inbound: Inbound) => void,
): Promise<Listening> {
  const isUnix = unixPath(address) !== undefined
  const isBound = socket instanceof BoundSocket
  const fd = isBound ? socket.fd() : socket.fd
  const id = hub.addon.listen(fd, isBound, backlog, keepAlive, isUnix)
  if (id < 0) throw systemError('listen', -id, address.address)
  // The duplicate holds the address from now on; but to close a unix socket is to remove its file.
  if (isBound && !isUnix) socket.close()
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const admit = isUnix ? admitUnix(hub, address) : admitTcp(hub, boundAddress(hub, id))
  const door: Door = {
    accepted: (connection, words, at) => {
      const inbound = admit(connection, words, at)
      // A connection that is already reset may have no address any more: there is nobody to serve.
      if (inbound) accept(inbound)
      else hub.addon.reset(connection)
    },
    closed: resolve,
  }
  hub.open(id, door)
  let isOpen = true
  return {
    close: () => {
      if (isOpen) {
        hub.addon.unlisten(id)
        if (isBound) socket[Symbol.dispose]()
      }
      isOpen = false
      return closed
    },
  }
}

type Admit = (id: number, words: Int32Array, at: number) => Inbound | undefined

const unixClient: Endpoint = { address: 'unix:', port: 0 }

function admitUnix(hub: Hub, local: Endpoint): Admit {
  return (id, words, at) =>
    new NativeInbound(new NativeSocket(hub, id, false), unixClient, local, words[at + 6])
}

/** The address of every connection of this listener, undefined where each has its own. */
function boundAddress(hub: Hub, id: number): Endpoint | undefined {
  const address = hub.addon.bound(id)
  return address === '' ? undefined : endpointOf(address, hub.code)
}

function admitTcp(hub: Hub, bound: Endpoint | undefined): Admit {
  return (id, words, at) => {
    const remote = endpoint(hub, id, false, words, at)
    const local = bound ?? endpoint(hub, id, true, words, at + 3)
    if (!remote || !local) return undefined
    return new NativeInbound(new NativeSocket(hub, id, true), remote, local, words[at + 6])
  }
}

const ipv4 = 4

/** Family, address and port, as the record has them; an IPv6 address is asked for. */
function endpoint(
  hub: Hub,
  id: number,
  local: boolean,
  words: Int32Array,
  at: number,
): Endpoint | undefined {
  const port = words[at + 2] ?? 0
  if (words[at] === ipv4) return { address: ipv4Text(words[at + 1] ?? 0), port }
  const address = hub.addon.address(id, local)
  return address === '' ? undefined : endpointOf(address, port)
}

function ipv4Text(ip: number): string {
  return `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`
}
