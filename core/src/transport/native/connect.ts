import { constants } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { Endpoint } from '@kong-ts/pdk'
import { connect as connectPortable } from '../portable/connect.ts'
import { unixPath } from '../portable/endpoint.ts'
import { connectError } from '../portable/failures.ts'
import { TransportError, type ConnectOptions, type Outbound } from '../transport.ts'
import type { Hub, Waiter } from './hub.ts'
import { NativeOutbound } from './outbound.ts'
import { NativeSocket } from './native-socket.ts'
import { systemError } from './system-error.ts'

/**
 * Connects to an address or `unix:PATH`; names, which need a resolver, and TLS are left to Node.
 * @param client the socket whose bytes wait for the upstream; `nobody` if it is made ahead of its client
 */
export function connect(
  hub: Hub,
  client: number,
  target: Endpoint,
  options: ConnectOptions,
): Promise<Outbound> {
  if (options.tls) return connectPortable(target, options)
  const path = unixPath(target)
  const left = Math.max(Math.ceil(options.deadline - performance.now()), 0)
  const patience = left === Infinity ? -1 : left
  const host = path ?? target.address
  const { keepAlive, first } = options
  const isPath = path !== undefined
  const id = hub.addon.connect(
    host,
    target.port,
    isPath,
    patience,
    keepAlive,
    client,
    first && Buffer.from(first),
  )
  if (id >= 0) {
    return new Promise((resolve, reject) => {
      hub.await(new Dial(hub, id, target, resolve, reject))
    })
  }
  if (id === notAnAddress && !isPath) return connectPortable(target, options)
  return Promise.reject(failure(target, -id))
}

const notAnAddress = -constants.errno.EINVAL

class Dial implements Waiter {
  readonly id: number
  readonly #hub: Hub
  readonly #target: Endpoint
  readonly #resolve: (outbound: Outbound) => void
  readonly #reject: (error: Error) => void

  constructor(
    hub: Hub,
    id: number,
    target: Endpoint,
    resolve: (outbound: Outbound) => void,
    reject: (error: Error) => void,
  ) {
    this.#hub = hub
    this.id = id
    this.#target = target
    this.#resolve = resolve
    this.#reject = reject
  }

  woken(code: number): void {
    const target = this.#target
    if (code !== 0) {
      this.#reject(failure(target, code))
      return
    }
    const socket = new NativeSocket(this.#hub, this.id, unixPath(target) === undefined)
    this.#resolve(new NativeOutbound(socket, target))
  }
}

/** @param errno below zero: the deadline has passed */
function failure(target: Endpoint, errno: number): TransportError {
  if (errno < 0) return new TransportError('timeout', 'the connection was not accepted in time')
  const where = unixPath(target) ?? `${target.address}:${target.port}`
  return connectError(systemError('connect', errno, where))
}
