import type { Direction } from '@kong-ts/pdk'
import type { Bytes, Rate, Relay, RelayEnd, RelayOptions } from '../transport.ts'
import { closeInOrder } from './close.ts'
import { Flow, type FlowSession, type Shaping } from './flow.ts'
import { startTimeout } from './timer.ts'
import type { Wire } from './wire.ts'

/** The idle check rounds up to this many milliseconds. */
const idleGrain = 100

/** Moves bytes both ways; `Inbound.relay` says how. */
export function relay(client: Wire, upstream: Wire, options: RelayOptions): Relay {
  return new Session(client, upstream, options)
}

class Session implements Relay, FlowSession {
  readonly bytes: Bytes
  readonly done: Promise<RelayEnd>
  activity = performance.now()
  readonly #client: Wire
  readonly #upstream: Wire
  readonly #upload: Flow
  readonly #download: Flow
  readonly #options: RelayOptions
  readonly #resolve: (end: RelayEnd) => void
  #first: 'client' | 'upstream' | undefined
  #cause: RelayEnd | undefined
  #timer: NodeJS.Timeout
  #openWires = 2

  constructor(client: Wire, upstream: Wire, options: RelayOptions) {
    this.#client = client
    this.#upstream = upstream
    this.#options = options
    this.#upload = new Flow(client, upstream, shapingOf(options, 'upload'), this)
    this.#download = new Flow(upstream, client, shapingOf(options, 'download'), this)
    this.bytes = countersOf(this.#upload, this.#download)
    const { promise, resolve } = Promise.withResolvers<RelayEnd>()
    this.done = promise
    this.#resolve = resolve
    this.#timer = this.#watch(this.#idleLimit())
    this.#begin(client, 'client')
    this.#begin(upstream, 'upstream')
    if (!this.#cause) this.#upload.start()
    if (!this.#cause) this.#download.start()
  }

  tell(hear: (end: RelayEnd) => void): void {
    void this.done.then(hear)
  }

  throttle(direction: Direction, rate: Rate | undefined): void {
    const flow = direction === 'upload' ? this.#upload : this.#download
    flow.throttle(rate)
  }

  stop(how: 'fin' | 'rst'): void {
    this.#finish({ by: 'gateway', how: 'stopped' }, how)
  }

  sourceEnded(flow: Flow): void {
    this.#first ??= flow === this.#upload ? 'client' : 'upstream'
  }

  fail(error: unknown): void {
    // Transforms that are destroyed with the session close early; the session has its cause already.
    if (this.#cause) return
    // A FIN would let a cut stream pass for a whole one.
    this.#finish({ by: 'gateway', how: 'error', error }, 'rst')
  }

  #begin(wire: Wire, side: 'client' | 'upstream'): void {
    if (wire.stream.destroyed) {
      this.#closed(wire, side)
      return
    }
    wire.stream.on('close', () => this.#closed(wire, side))
  }

  #closed(wire: Wire, side: 'client' | 'upstream'): void {
    const { stream } = wire
    this.#openWires -= 1
    if (!stream.readableEnded || !stream.writableFinished || wire.fault) {
      this.#finish({ by: side, how: 'reset' }, 'rst')
    }
    if (this.#openWires > 0) return
    clearTimeout(this.#timer)
    this.#resolve(this.#cause ?? { by: this.#first ?? 'gateway', how: 'fin' })
  }

  /** The first cause counts; a later `rst` still cuts an orderly end short. */
  #finish(cause: RelayEnd, how: 'fin' | 'rst'): void {
    if (!this.#cause) {
      this.#cause = cause
      clearTimeout(this.#timer)
      for (const flow of [this.#upload, this.#download]) {
        if (how === 'fin') flow.flush()
        flow.stop()
      }
      if (how === 'fin') {
        closeInOrder(this.#client)
        closeInOrder(this.#upstream)
      }
    }
    if (how === 'rst') {
      this.#client.reset()
      this.#upstream.reset()
    }
  }

  /** The shortest time that a direction which is still open may stay silent. */
  #idleLimit(): number {
    const { readTimeout, writeTimeout } = this.#options
    if (!this.#upload.isOpen) return readTimeout
    return this.#download.isOpen ? Math.min(readTimeout, writeTimeout) : writeTimeout
  }

  #watch(milliseconds: number): NodeJS.Timeout {
    return startTimeout(milliseconds, idleGrain, this.#check)
  }

  /** One timer, armed again for the rest: bytes only note when they came. */
  readonly #check = (): void => {
    const limit = this.#idleLimit()
    const silent = performance.now() - this.activity
    if (silent >= limit) this.#finish({ by: 'gateway', how: 'idle' }, 'fin')
    else this.#timer = this.#watch(limit - silent)
  }
}

function shapingOf(options: RelayOptions, direction: Direction): Shaping {
  return {
    observers: options.observers[direction],
    transforms: options.transforms[direction],
    throttle: options.throttle[direction],
    draws: options.draws?.[direction] ?? [],
  }
}

function countersOf(upload: Flow, download: Flow): Bytes {
  return {
    get clientReceived() {
      return upload.received
    },
    get upstreamSent() {
      return upload.sent
    },
    get upstreamReceived() {
      return download.received
    },
    get clientSent() {
      return download.sent
    },
  }
}
