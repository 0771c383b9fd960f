import { isIP } from 'node:net'
import { constants } from 'node:os'
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

const { EINVAL } = constants.errno

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
  if (options.tls) return connectSecurely(hub, client, target, options, options.tls)
  const id = dial(hub, client, target, options)
  return id === -EINVAL && isName(target)
    ? connectPortable(target, options)
    : reached(hub, target, id)
}

function isName(target: Endpoint): boolean {
  return unixPath(target) === undefined && isIP(target.address) === 0
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
  if (!tls || !context || isName(target)) return connectPortable(target, options)
  const outbound = await reached(hub, target, dial(hub, client, target, options))
  await secureUpstream(tls, context, outbound.socket, target, wanted, options.deadline)
  return outbound
}

/** The id of a socket that connects; or an errno, negated: EINVAL for what is no address. */
function dial(hub: Hub, client: number, target: Endpoint, options: ConnectOptions): number {
  const path = unixPath(target)
  const left = Math.max(Math.ceil(options.deadline - performance.now()), 0)
  const patience = left === Infinity ? -1 : left
  const { keepAlive, first } = options
  return hub.addon.connect(
    path ?? target.address,
    target.port,
    path !== undefined,
    patience,
    keepAlive,
    client,
    first && Buffer.from(first),
  )
}

function reached(hub: Hub, target: Endpoint, id: number): Promise<NativeOutbound> {
  if (id < 0) return Promise.reject(failure(target, -id))
  return new Promise((resolve, reject) => {
    hub.await(new Dial(hub, id, target, resolve, reject))
  })
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
