import type { Readable, Transform } from 'node:stream'
import type { Socket } from 'node:net'
import type { Draw, Rate } from '../transport.ts'
import { StreamAllowance } from './allowance.ts'
import { Throttle, type Outflow, type StreamDraw } from './throttle.ts'
import { chain } from './transforms.ts'
import type { Wire } from './wire.ts'

/** What a direction tells the session it belongs to. */
export interface FlowSession {
  /** `performance.now()` of the last byte in either direction. */
  activity: number
  /** The source has sent its FIN. */
  sourceEnded(flow: Flow): void
  /** An observer or a transform threw. */
  fail(error: unknown): void
}

/** What happens to the bytes of a direction on their way. */
export interface Shaping {
  readonly observers: readonly ((chunk: Uint8Array) => void)[]
  readonly transforms: readonly Transform[]
  readonly throttle: Rate | undefined
  readonly draws: readonly Draw[]
}

/**
 * One direction of a relay: reads, writes, and pauses while the sink is full, so that it holds at most the buffers of
 * two sockets. Without transforms a chunk goes from `data` to `write` with nothing allocated between.
 */
export class Flow implements Outflow {
  received = 0
  sent = 0
  /** Until the sink's FIN has been handed to the kernel. */
  isOpen = true
  readonly #source: Wire
  readonly #from: Socket
  readonly #to: Socket
  readonly #session: FlowSession
  readonly #observers: Shaping['observers']
  readonly #transforms: readonly Transform[]
  /** The first transform, if any: what is read goes there. */
  readonly #inlet: Transform | undefined
  /** What is paused while the sink is full: the last transform, or the source. */
  readonly #outlet: Readable
  #throttle: Throttle | undefined
  #blocked = false
  #ended = false

  constructor(source: Wire, sink: Wire, shaping: Shaping, session: FlowSession) {
    this.#source = source
    this.#from = source.stream
    this.#to = sink.stream
    this.#session = session
    this.#observers = shaping.observers
    this.#transforms = shaping.transforms
    this.#inlet = shaping.transforms[0]
    this.#outlet = shaping.transforms.at(-1) ?? source.stream
    const { throttle, draws } = shaping
    if (throttle !== undefined || draws.length > 0) {
      this.#throttle = new Throttle(throttle, this, draws.map(drawOfStream))
    }
  }

  start(): void {
    const from = this.#from
    this.#to.on('drain', this.#drained).on('finish', this.#finished)
    if (this.#inlet) this.#chain(this.#inlet)
    from.on('data', this.#take).on('end', this.#end)
    const held = this.#source.release()
    if (held.length > 0) this.#take(held)
    if (from.readableEnded) this.#end()
    else if (!this.#isFull()) from.resume()
  }

  /** Lets go of both sockets: nothing more is read or written. */
  stop(): void {
    this.#from.off('data', this.#take).off('end', this.#end)
    this.#to.off('drain', this.#drained)
    this.#throttle?.close()
    for (const transform of this.#transforms) transform.destroy()
  }

  /** What a throttle keeps back is sent at once, unless it shares what it may send. */
  flush(): void {
    if (!this.#throttle?.isShared) this.throttle(undefined)
  }

  throttle(rate: Rate | undefined): void {
    const throttle = this.#throttle
    if (rate !== undefined) {
      if (throttle) throttle.adjust(rate)
      else this.#throttle = new Throttle(rate, this)
    } else if (throttle) {
      if (!throttle.isShared) this.#throttle = undefined
      throttle.lift()
    }
  }

  send(chunk: Uint8Array): void {
    this.sent += chunk.length
    this.#session.activity = performance.now()
    // `write` also answers false for a large chunk that the kernel took at once: there is nothing to wait for then.
    if (!this.#to.write(chunk) && this.#to.writableLength > 0) {
      this.#blocked = true
      this.#outlet.pause()
    }
  }

  emptied(): void {
    if (this.#ended) this.#to.end()
    else if (!this.#blocked) this.#outlet.resume()
  }

  #isFull(): boolean {
    if (this.#inlet) return this.#inlet.writableNeedDrain
    return this.#blocked || this.#throttle?.isPending === true
  }

  readonly #take = (chunk: Buffer): void => {
    this.received += chunk.length
    this.#session.activity = performance.now()
    if (this.#observers.length > 0 && !this.#observe(chunk)) return
    if (!this.#inlet) this.#deliver(chunk)
    else if (!this.#inlet.write(chunk)) this.#from.pause()
  }

  #observe(chunk: Buffer): boolean {
    try {
      for (const see of this.#observers) see(chunk)
      return true
    } catch (error) {
      this.#session.fail(error)
      return false
    }
  }

  readonly #deliver = (chunk: Uint8Array): void => {
    if (this.#throttle === undefined) this.send(chunk)
    else if (!this.#throttle.offer(chunk)) this.#outlet.pause()
  }

  readonly #drained = (): void => {
    this.#session.activity = performance.now()
    if (!this.#blocked) return
    this.#blocked = false
    if (!this.#throttle?.isPending) this.#outlet.resume()
  }

  readonly #finished = (): void => {
    this.isOpen = false
  }

  readonly #end = (): void => {
    this.#session.sourceEnded(this)
    if (this.#inlet) this.#inlet.end()
    else this.#close()
  }

  readonly #close = (): void => {
    this.#ended = true
    if (!this.#throttle?.isPending) this.#to.end()
  }

  #chain(inlet: Transform): void {
    inlet.on('drain', () => this.#from.resume())
    chain(this.#transforms, (error) => this.#session.fail(error))
    this.#outlet.on('data', this.#deliver).on('end', this.#close)
  }
}

function drawOfStream({ allowance, isSoft }: Draw): StreamDraw {
  if (allowance instanceof StreamAllowance) return { allowance, isSoft }
  throw new TypeError('the allowance belongs to another transport')
}
