import type { Direction, Try } from '@kong-ts/pdk'
import { randomUUID } from 'node:crypto'
import type { Transform } from 'node:stream'
import type { Use } from '../balancing/use.ts'
import { blame, PluginFailure } from '../errors/plugin-failure.ts'
import type { Pipeline } from '../gateway/pipelines.ts'
import type { Walk } from '../pipeline/walk.ts'
import type { PluginInstance } from '../plugins/instance.ts'
import type { Inbound, Relay } from '../transport/transport.ts'
import type { Ended } from './ended.ts'
import { FirstBytes } from './first-bytes.ts'
import type { Host } from './host.ts'
import { Seen, type Reach } from './seen.ts'

/** Tells the connections of this process from those of the node's other workers. */
const worker = randomUUID().slice(0, 8)
let count = 0

type Taps<T> = { readonly [D in Direction]: T[] }

/** The gateway's own side of one connection; plugins only ever get `seen`. */
export class Session implements Reach {
  readonly host: Host
  readonly seen: Seen
  /** `performance.now()` at accept: what durations count from. */
  readonly born = performance.now()
  inbound: Inbound
  pipeline: Pipeline
  /** Instances asked by an earlier routing of this connection. */
  consulted: Set<PluginInstance> | undefined
  relay: Relay | undefined
  /** Of the peer of an upstream that it is connected to, or connects to. */
  use: Use | undefined
  /** Gives up the connect that is under way. */
  interrupt: (() => void) | undefined
  readonly firstBytes: FirstBytes
  readonly observers: Taps<(chunk: Uint8Array) => void> = { upload: [], download: [] }
  readonly transforms: Taps<Transform> = { upload: [], download: [] }
  readonly rates: { [D in Direction]?: number | undefined } = {}
  readonly tries: Try[] = []
  /** Whether this connection holds a permit of max_connections. */
  counted = false
  /** Set once somebody outside has decided to end this connection. */
  stopped: Ended | undefined
  #walk: Walk<unknown> | undefined
  /** The first failure of a plugin's transform. */
  #failure: PluginFailure | undefined

  constructor(inbound: Inbound, host: Host) {
    this.inbound = inbound
    this.host = host
    this.pipeline = host.configuration.global
    this.pipeline.enter()
    const { prereadBuffer, prereadTimeout } = host.limits
    this.firstBytes = new FirstBytes(inbound, prereadBuffer, this.born + prereadTimeout)
    this.seen = new Seen(
      {
        id: `${worker}-${++count}`,
        client: inbound.remote,
        listener: inbound.local,
        startedAt: Date.now(),
        revision: host.configuration.revision,
      },
      this,
    )
    this.seen.tries = this.tries
  }

  /** Whole milliseconds since accept; the wall clock may jump meanwhile. */
  get age(): number {
    return Math.round(performance.now() - this.born)
  }

  /** What a hook is called with; a second preread passes over the instances that were consulted. */
  walk<S>(seen: S, consulted?: ReadonlySet<PluginInstance>): Walk<S> {
    const walk = { seen, consulted, plugin: '', walker: this }
    this.#walk = walk
    return walk
  }

  wouldReject(plugin: string, reason: string): void {
    this.seen.wouldReject = [...(this.seen.wouldReject ?? []), { plugin, reason }]
  }

  /** Moves to the pipeline of the matched route; who had a say before is not asked again. */
  enter(pipeline: Pipeline): void {
    if (this.seen.route) {
      this.consulted ??= new Set()
      for (const instance of this.pipeline.instances) this.consulted.add(instance)
    }
    pipeline.enter()
    this.pipeline.leave()
    this.pipeline = pipeline
  }

  /** Ends the connection from outside: a drain's deadline, an operator. A later `rst` cuts an orderly end short. */
  stop(ended: Ended, how: 'fin' | 'rst' = 'fin'): void {
    this.stopped ??= ended
    if (this.relay) this.relay.stop(how)
    else {
      this.interrupt?.()
      this.inbound.reset()
    }
  }

  peek(atLeast: number): Promise<Uint8Array> {
    return this.firstBytes.peek(atLeast)
  }

  observe(direction: Direction, see: (chunk: Uint8Array) => void): void {
    const plugin = this.#proxyingPlugin('observe')
    this.observers[direction].push((chunk) => {
      try {
        see(chunk)
      } catch (error) {
        throw blame(plugin, 'proxy', error)
      }
    })
  }

  through(direction: Direction, transform: Transform): void {
    const plugin = this.#proxyingPlugin('through')
    this.transforms[direction].push(transform)
    transform.on('error', (error) => {
      this.#failure ??= blame(plugin, 'proxy', error)
    })
    transform.on('close', () => {
      const early = 'its transform closed before the end of the stream'
      if (!transform.readableEnded) this.#failure ??= blame(plugin, 'proxy', new Error(early))
    })
  }

  throttle(direction: Direction, bytesPerSecond: number | undefined): void {
    if (bytesPerSecond !== undefined && !(bytesPerSecond > 0)) {
      throw new RangeError(`throttle(…) takes bytes per second, more than 0, not ${bytesPerSecond}`)
    }
    this.rates[direction] = bytesPerSecond
    this.relay?.throttle(direction, bytesPerSecond)
  }

  /** Who has broken a relay that ended with this error. */
  failureOf(error: unknown): unknown {
    return error instanceof PluginFailure ? error : (this.#failure ?? error)
  }

  /** For a session whose bytes will never flow. */
  dropTransforms(): void {
    for (const transform of [...this.transforms.upload, ...this.transforms.download]) {
      transform.destroy()
    }
  }

  #proxyingPlugin(what: string): string {
    if (this.relay || !this.seen.target) throw new Error(`${what}(…) belongs to the phase proxy`)
    return this.#walk?.plugin ?? ''
  }
}
