import type { Direction } from '@kong-ts/pdk'
import type { Allowance, Bytes, Rate, Relay, RelayEnd, RelayOptions } from '../transport.ts'
import { NativeAllowance } from './allowance.ts'
import type { Ending, Hub } from './hub.ts'
import type { NativeSocket } from './native-socket.ts'

/** As `Side` and `How` in `addon/relay.h`. */
const sides = ['client', 'upstream', 'gateway'] as const
const ways = ['fin', 'reset', 'idle', 'stopped'] as const

/** A relay of the engine: it tells when it is over, and its counters when it is asked. */
export class NativeRelay implements Relay, Ending {
  readonly id: number
  readonly #hub: Hub
  #hear: ((end: RelayEnd) => void) | undefined
  #end: RelayEnd | undefined
  #last: Bytes | undefined

  private constructor(hub: Hub, id: number) {
    this.#hub = hub
    this.id = id
  }

  /** Undefined when one of the descriptors is gone already. */
  static start(
    client: NativeSocket,
    upstream: NativeSocket,
    options: RelayOptions,
  ): NativeRelay | undefined {
    const { readTimeout, writeTimeout } = options
    const { hub } = client
    const isLimited = hasLimits(options)
    client.interrupt()
    upstream.interrupt()
    const id = hub.addon.relay(client.id, upstream.id, readTimeout, writeTimeout, -1, -1, isLimited)
    if (id < 0) return undefined
    const relay = new NativeRelay(hub, id)
    hub.awaitEnd(relay)
    if (isLimited) relay.#begin(options)
    return relay
  }

  get done(): Promise<RelayEnd> {
    return new Promise((resolve) => this.tell(resolve))
  }

  tell(hear: (end: RelayEnd) => void): void {
    const before = this.#hear
    if (this.#end) hear(this.#end)
    else if (before === undefined) this.#hear = hear
    else this.#hear = (end) => [before, hear].forEach((each) => each(end))
  }

  get bytes(): Bytes {
    if (this.#last) return this.#last
    const hub = this.#hub
    return hub.addon.bytes(this.id)
      ? bytesOf(hub.number(0), hub.number(1), hub.number(2), hub.number(3))
      : bytesOf(0, 0, 0, 0)
  }

  throttle(direction: Direction, rate: Rate | undefined): void {
    const { bytesPerSecond = -1, burst = 0 } = rate ?? {}
    this.#hub.addon.throttle(this.id, direction === 'upload', bytesPerSecond, burst)
  }

  /** Its limits hold from the first byte on. */
  #begin({ throttle, draws }: RelayOptions): void {
    const { addon } = this.#hub
    for (const direction of directions) {
      const rate = throttle[direction]
      if (rate) this.throttle(direction, rate)
      for (const { allowance, isSoft } of draws?.[direction] ?? []) {
        addon.draw(this.id, direction === 'upload', limitOf(allowance), isSoft)
      }
    }
    addon.start(this.id)
  }

  stop(how: 'fin' | 'rst'): void {
    this.#hub.addon.stop(this.id, how === 'rst')
  }

  ended(code: number, numbers: Float64Array, at: number): void {
    const number = (offset: number): number => numbers[at + offset] ?? 0
    this.#last = bytesOf(number(0), number(1), number(2), number(3))
    this.#end = { by: sides[code & 255] ?? 'gateway', how: ways[code >> 8] ?? 'reset' }
    this.#hear?.(this.#end)
    this.#hear = undefined
  }
}

const directions: readonly Direction[] = ['upload', 'download']

function hasLimits({ throttle, draws }: RelayOptions): boolean {
  return directions.some(
    (direction) => throttle[direction] !== undefined || (draws?.[direction].length ?? 0) > 0,
  )
}

function limitOf(allowance: Allowance): number {
  if (allowance instanceof NativeAllowance) return allowance.engineLimit()
  throw new TypeError('the allowance belongs to another transport')
}

function bytesOf(
  clientReceived: number,
  upstreamSent: number,
  upstreamReceived: number,
  clientSent: number,
): Bytes {
  return { clientReceived, upstreamSent, upstreamReceived, clientSent }
}
