import type { Bucket, Direction, Endpoint, Forwarding, ProxyFacts, Try } from '@kong-ts/pdk'
import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Transform } from 'node:stream'
import type { Use } from '../balancing/use.ts'
import type { Pipeline } from '../gateway/pipelines.ts'
import type { Walk } from '../pipeline/walk.ts'
import type { PluginInstance } from '../plugins/instance.ts'
import type { Bytes, Inbound, Relay } from '../transport/transport.ts'
import { Attached, nothingAttached, rateOf } from './attached.ts'
import type { Ended } from './ended.ts'
import { FirstBytes, withEarly, type Early } from './client/first-bytes.ts'
import type { Host, Interruptible, Live } from './host.ts'
import type { Permits } from './room/permits.ts'
import { Pot } from './room/pot.ts'
import type { PluginCalls } from './plugin-calls.ts'
import type { Conversation } from './client/rehearsal.ts'
import { Seen } from './client/seen.ts'
import { clientLeft } from './client/watch-client.ts'
import { chosenService } from './upstream/chosen-service.ts'
import { enderOf, wouldEnd } from './would-end.ts'

/** Tells the connections of this process from those of the node's other workers. */
const worker = `${randomUUID().slice(0, 8)}-`
let count = 0

/**
 * The gateway's own side of one connection; plugins only ever get `seen`. There is one for each idle connection: what
 * few of them need is made when it is needed.
 */
export class Session implements PluginCalls, Live {
  readonly host: Host
  readonly seen: Seen
  /** `performance.now()` at accept: what durations count from. */
  readonly born: number
  /** From when on the client's own bytes are waited for: accept, or the end of its PROXY header. */
  since: number
  /** Whether a PROXY header comes first. */
  readonly proxyProtocol: boolean
  inbound: Inbound
  pipeline: Pipeline
  /** Instances asked by an earlier routing of this connection. */
  consulted: Set<PluginInstance> | undefined
  /** Of earlier routings; they are left when their plugins have heard how the connection ended. */
  former: Pipeline[] | undefined
  relay: Relay | undefined
  /** Of the peer of an upstream that it is connected to, or connects to. */
  use: Use | undefined
  /** What it holds of the limits of an upstream that has some. */
  permits: Permits | undefined
  /**
   * What it waits for, a connect say, which is given up when it is stopped. An object: of sessions that have held a
   * function there V8 keeps each until the next full collection (measured).
   */
  waiting: Interruptible | undefined
  place = -1
  /** Whether plugins may choose another service now, and whether one has. */
  choosing = false
  forwarded = false
  /** Whether this connection holds a permit of max_connections. */
  counted = false
  /** Absent where plugins have neither said nor taken anything. */
  early: Early | undefined
  /** Set once somebody outside has decided to end this connection. */
  stopped: Ended | undefined
  #firstBytes: FirstBytes | undefined
  #attached: Attached | undefined
  #walk: Walk<unknown> | undefined

  constructor(inbound: Inbound, host: Host, proxyProtocol = false) {
    this.born = this.since = performance.now() - (inbound.age ?? 0)
    this.inbound = inbound
    this.proxyProtocol = proxyProtocol
    this.host = host
    this.pipeline = host.configuration.global
    this.pipeline.enter()
    const { remote, local } = inbound
    this.seen = new Seen(worker + ++count, remote, local, host.configuration.revision, this)
  }

  get firstBytes(): FirstBytes {
    const { prereadBuffer, prereadTimeout } = this.host.limits
    const deadline = this.since + prereadTimeout
    return (this.#firstBytes ??= new FirstBytes(this.inbound, prereadBuffer, deadline))
  }

  /** From here on the bytes are on their way. */
  closeFirstBytes(): void {
    const { said = 0, taken = 0 } = this.#firstBytes ?? {}
    if (said + taken > 0) this.early = { said, taken }
    this.#firstBytes?.close()
    this.#firstBytes = undefined
  }

  get attached(): typeof nothingAttached {
    return this.#attached ?? nothingAttached
  }

  get tries(): readonly Try[] {
    return this.seen.tries
  }

  note(attempt: Try): void {
    this.seen.tries = [...this.seen.tries, attempt]
  }

  /** The bytes flow. */
  enterRelay(relay: Relay): void {
    this.relay = relay
    this.#walk = undefined
  }

  /** Milliseconds since accept; the wall clock may jump meanwhile. */
  get age(): number {
    return performance.now() - this.born
  }

  /** The connection is the client's that its PROXY header names; now its own bytes begin. */
  introduce(client: Endpoint, proxy: ProxyFacts): void {
    this.since = performance.now()
    this.firstBytes.deadline = this.since + this.host.limits.prereadTimeout
    this.seen.client = client
    this.seen.proxy = proxy
  }

  /** What a hook is called with; a second preread passes over the instances that were consulted. */
  walk<S>(seen: S, consulted?: ReadonlySet<PluginInstance>): Walk<S> {
    return (this.#walk = { seen, consulted, instance: undefined, isShadow: false, walker: this })
  }

  forward(to: Forwarding): boolean {
    if (!this.choosing) throw new Error('forward(…) belongs to the phase preread')
    const chosen = chosenService(this, to)
    if (chosen === undefined || this.forwarded) return false
    if (!this.#isShadow) [this.forwarded, this.seen.service] = [true, chosen]
    return true
  }

  wouldReject(plugin: string, reason: string): void {
    const { wouldReject = [] } = this.seen
    if (wouldReject.some((said) => said.plugin === plugin && said.reason === reason)) return
    this.seen.wouldReject = [...wouldReject, { plugin, reason }]
  }

  /** Moves to the pipeline of the matched route; who had a say before is not asked again. */
  enter(pipeline: Pipeline): void {
    if (this.seen.route) {
      this.consulted ??= new Set()
      for (const instance of this.pipeline.instances) this.consulted.add(instance)
      this.former ??= []
      this.former.push(this.pipeline)
    } else this.pipeline.leave()
    pipeline.enter()
    this.pipeline = pipeline
  }

  /** Ends the connection from outside: a drain's deadline, an operator. A later `rst` cuts an orderly end short. */
  stop(ended: Ended, how: 'fin' | 'rst' = 'fin'): void {
    this.stopped ??= ended
    if (this.relay) this.relay.stop(how)
    else {
      this.waiting?.interrupt()
      this.inbound.reset()
    }
  }

  peek(atLeast: number): Promise<Uint8Array> {
    return this.#conversation.peek(atLeast)
  }

  take(bytes: number): Promise<Uint8Array> {
    this.#assertEarly('take(n)')
    return this.#conversation.take(bytes)
  }

  say(text: Uint8Array | string): Promise<void> {
    this.#assertEarly('say(bytes)')
    return this.#conversation.say(Buffer.from(text))
  }

  startTls(): void {
    this.#assertEarly('startTls()')
    this.#conversation.startsTls = true
  }

  left(signal: AbortSignal): Promise<void> {
    return clientLeft(this, signal)
  }

  moved(): Bytes | undefined {
    return this.relay && withEarly(this.early, this.relay.bytes)
  }

  observe(direction: Direction, see: (chunk: Uint8Array) => void): void {
    const instance = this.#proxyingInstance('observe')
    this.#attach().observe(instance, direction, see)
  }

  through(direction: Direction, transform: Transform): void {
    const instance = this.#proxyingInstance('through')
    const attached = this.#attach()
    if (!this.#isShadow) return attached.through(instance, direction, transform)
    attached.spectate(instance, direction, transform, (reason) => wouldEnd(this, instance, reason))
  }

  throttle(direction: Direction, bytesPerSecond: number | undefined, burst?: number): void {
    const rate = rateOf(bytesPerSecond, burst)
    if (this.#isShadow) return
    this.#attach().throttle[direction] = rate
    this.relay?.throttle(direction, rate)
  }

  draw(direction: Direction, bucket: Bucket): void {
    const instance = this.#proxyingInstance('draw')
    if (!(bucket instanceof Pot)) throw new TypeError('draw(…) takes a bucket of the kit')
    const isShadow = this.#isShadow
    const end = enderOf(this, instance, isShadow)
    this.#attach().draw(direction, bucket, { place: -1, isShadow, end })
  }

  /** It has come to its end: others may have what it shared. */
  leaveShared(): void {
    this.#attached?.leave()
  }

  /** Who has broken a relay that ended with this error; a plugin that has is counted. */
  accuse(error: unknown): unknown {
    return this.#attached ? this.#attached.accuse(error) : error
  }

  /** For a session whose bytes will never flow. */
  dropTransforms(): void {
    this.#attached?.drop()
  }

  /** Between the client's hello and the gateway's there is nothing to say, and no byte to spare. */
  #assertEarly(what: string): void {
    if (!this.choosing) throw new Error(`${what} belongs to the phase preread`)
    if (this.seen.hello)
      throw new Error(`${what} is for plain connections, and this one speaks TLS`)
  }

  get #isShadow(): boolean {
    return this.#walk?.isShadow ?? false
  }

  get #conversation(): Conversation {
    if (!this.#isShadow) return this.firstBytes
    return this.firstBytes.rehearsedBy(this.#walk?.instance?.plugin.name ?? '')
  }

  #attach(): Attached {
    return (this.#attached ??= new Attached())
  }

  #proxyingInstance(what: string): PluginInstance {
    const instance = this.#walk?.instance
    if (this.relay || !this.seen.target || !instance) {
      throw new Error(`${what}(…) belongs to the phase proxy`)
    }
    return instance
  }
}
