import { isIP } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Endpoint } from '@kong-ts/pdk'
import { connect as connectPortable } from '../portable/connect.ts'
import { unixPath } from '../portable/endpoint.ts'
import { connectError } from '../portable/failures.ts'
import { TransportError, type ClientTls, type ConnectOptions, type Outbound } from '../transport.ts'
import { clientContext } from './client-context.ts'
import type { Hub, Waiter } from './hub.ts'
import { NativeOutbound } from './outbound.ts'
import { NativeSocket } from './native-socket.ts'
import { secureUpstream } from './secure-upstream.ts'
import { systemError } from './system-error.ts'

/**
 * Connects to an address or `unix:PATH`; names, which need a resolver, are left to Node.
 * @param client the socket whose bytes wait for the upstream; `nobody` if it is made ahead of its client
 */
export function connect(
  hub: Hub,
  client: number,
  target: Endpoint,
  options: ConnectOptions,
): Promise<Outbound> {
  if (unixPath(target) === undefined && isIP(target.address) === 0) {
    return connectPortable(target, options)
  }
  return options.tls
    ? connectSecurely(hub, client, target, options, options.tls)
    : connectPlainly(hub, client, target, options)
}

/** With Node's TLS where the engine has none, or cannot use the options. */
async function connectSecurely(
  hub: Hub,
  client: number,
  target: Endpoint,
  options: ConnectOptions,
  wanted: ClientTls,
): Promise<Outbound> {
  const { tls } = hub.addon
  const context = tls && clientContext(tls, wanted)
  if (!tls || !context) return connectPortable(target, options)
  const outbound = await connectPlainly(hub, client, target, options)
  await secureUpstream(tls, context, outbound.socket, target, wanted, options.deadline)
  return outbound
}

function connectPlainly(
  hub: Hub,
  client: number,
  target: Endpoint,
  options: ConnectOptions,
): Promise<NativeOutbound> {
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
  return Promise.reject(failure(target, -id))
}

class Dial implements Waiter {
  readonly id: number
  readonly #hub: Hub
  readonly #target: Endpoint
  readonly #resolve: (outbound: NativeOutbound) => void
  readonly #reject: (error: Error) => void

  constructor(
    hub: Hub,
    id: number,
    target: Endpoint,
    resolve: (outbound: NativeOutbound) => void,
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
