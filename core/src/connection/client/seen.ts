import { serialize } from '@kong-ts/pdk/host'
import type {
  Accepted,
  Balancing,
  Bucket,
  ByteCounts,
  Direction,
  Endpoint,
  Forwarding,
  Hello,
  Latencies,
  Protocol,
  ProxyFacts,
  Proxying,
  Routed,
  Securing,
  Slot,
  Summary,
  Target,
  TlsFacts,
  Try,
} from '@kong-ts/pdk'
import type { Transform } from 'node:stream'
import type { Route, Service } from '../../entities/rows.ts'
import { statusOf } from '../../errors/endings.ts'
import type { Final } from '../final.ts'
import type { PluginCalls } from '../plugin-calls.ts'
import { noBytes, wordBytes } from './word-bytes.ts'

/** What the router has found. */
interface Known {
  readonly route: Route
  readonly protocol: Protocol
}

interface Served extends Known {
  readonly service: Service
}

/** What may be chosen, best first. */
export type Targets = Balancing['targets']

/** What connections show until they know better; shared, for an idle one is to weigh little. */
const noTries: readonly Try[] = Object.freeze([])
const noLatencies = Object.freeze({ session: 0, kong: 0 })

/**
 * The plugins' view of one connection: one object from accept to log, of which each phase's type shows what is
 * known by then. The methods that change the type are where knowledge is added.
 */
export class Seen {
  readonly id: string
  /** The socket's peer, until a PROXY header names another one. */
  client: Endpoint
  readonly listener: Endpoint
  readonly startedAt = Date.now()
  /** Of the configuration. */
  readonly revision: number
  proxy: ProxyFacts | undefined
  route: Route | undefined
  service: Service | undefined
  protocol: Protocol | undefined
  hello: Hello | undefined
  tls: TlsFacts | undefined
  target: Target | undefined
  failed = 0
  tries = noTries
  /** Refusals of plugins in shadow mode. */
  wouldReject: readonly { readonly plugin: string; readonly reason: string }[] | undefined
  ending = ''
  reason: string | undefined
  status = 0
  bytes: ByteCounts = noBytes
  latencies: Latencies = noLatencies
  readonly #reach: PluginCalls
  #connected = 0
  #queued: number | undefined
  #routed: number | undefined
  #handshake: number | undefined
  #rank: (() => Targets) | undefined
  #targets: Targets | undefined
  #slots: Map<string, unknown> | undefined

  constructor(
    id: string,
    client: Endpoint,
    listener: Endpoint,
    revision: number,
    reach: PluginCalls,
  ) {
    this.id = id
    this.client = client
    this.listener = listener
    this.revision = revision
    this.#reach = reach
  }

  /** Put in order only when somebody looks: an upstream may have ten thousand. */
  get targets(): Targets {
    if (!this.#rank) throw new Error('targets belong to the phase balance')
    return (this.#targets ??= this.#rank())
  }

  set<T>(slot: Slot<T>, value: T): void {
    this.#slots ??= new Map()
    this.#slots.set(slot.name, value)
  }

  get<T>(slot: Slot<T>): T | undefined {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a slot's name stands for its type
    return this.#slots?.get(slot.name) as T | undefined
  }

  peek(atLeast: number): Promise<Uint8Array> {
    return this.#reach.peek(atLeast)
  }

  async take(count: number): Promise<Uint8Array> {
    return this.#reach.take(count)
  }

  async say(bytes: Uint8Array | string): Promise<void> {
    return this.#reach.say(bytes)
  }

  startTls(): void {
    this.#reach.startTls()
  }

  left(signal: AbortSignal): Promise<void> {
    return this.#reach.left(signal)
  }

  forward(to: Forwarding): boolean {
    return this.#reach.forward(to)
  }

  observe(direction: Direction, see: (chunk: Uint8Array) => void): void {
    this.#reach.observe(direction, see)
  }

  through(direction: Direction, transform: Transform): void {
    this.#reach.through(direction, transform)
  }

  throttle(direction: Direction, bytesPerSecond: number | undefined, burst?: number): void {
    this.#reach.throttle(direction, bytesPerSecond, burst)
  }

  draw(direction: Direction, bucket: Bucket): void {
    this.#reach.draw(direction, bucket)
  }

  moved(): ByteCounts {
    const bytes = this.#reach.moved()
    return bytes ? wordBytes(bytes) : noBytes
  }

  serialize(): Record<string, unknown> {
    return serialize(this)
  }

  accepted(): Accepted {
    return this
  }

  matched(
    route: Route,
    service: Service | undefined,
    protocol: Protocol,
    hello: Hello | undefined,
  ): Routed {
    this.route = route
    this.service = service
    this.protocol = protocol
    this.hello = hello
    return this.#known()
  }

  securing({ route, protocol }: Known, hello: Hello): Securing {
    this.route = route
    this.protocol = protocol
    this.hello = hello
    return this.#known()
  }

  balancing({ route, service, protocol }: Served, rank: () => Targets, failed: number): Balancing {
    this.#rank = rank
    this.#targets = undefined
    this.route = route
    this.service = service
    this.protocol = protocol
    this.failed = failed
    return this.#known()
  }

  /** The plugins of its route let it pass, so many milliseconds after accept. */
  passed(milliseconds: number): void {
    this.#routed = milliseconds
  }

  /** The handshake with the client took so many milliseconds. */
  secured(tls: TlsFacts, milliseconds: number): void {
    this.tls = tls
    this.#handshake = milliseconds
  }

  /** It has waited so many milliseconds for room at its upstream. */
  queued(milliseconds: number): void {
    this.#queued = (this.#queued ?? 0) + milliseconds
  }

  /** @param connected milliseconds from accept until the upstream was connected */
  proxying({ route, service, protocol }: Served, target: Target, connected: number): Proxying {
    this.route = route
    this.service = service
    this.protocol = protocol
    this.target = target
    // What ranked them holds on to everything that was tried.
    this.#rank = this.#targets = undefined
    this.#connected = connected
    return this.#known()
  }

  summary({ ending, reason, bytes, duration }: Final): Summary {
    this.ending = ending
    this.reason = reason
    this.status = statusOf(ending)
    this.bytes = wordBytes(bytes)
    const latencies: { -readonly [N in keyof Latencies]: Latencies[N] } = {
      session: duration,
      kong: this.#connected,
    }
    if (this.#routed !== undefined) latencies.routed = this.#routed
    if (this.#handshake !== undefined) latencies.handshake = this.#handshake
    if (this.#queued !== undefined) latencies.queue = this.#queued
    this.latencies = latencies
    return this
  }

  /** This, when what a phase promises has just been set. `Object.assign` proves it to the compiler, at a price. */
  #known(): Routed & Securing & Balancing & Proxying {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each caller sets what its own phase adds
    return this as unknown as Routed & Securing & Balancing & Proxying
  }
}
