import type { Clock } from '@kong-ts/pdk'
import { Pot } from '../../connection/room/pot.ts'
import type { Transport } from '../../transport/transport.ts'
import { Buckets, type Bucket } from '../counters/buckets.ts'
import type { WantBytes, GrantBytes, Want } from './messages.ts'
import { RateLedger } from './rate-ledger.ts'

/** Seconds of a rate that a worker holds at most, and below which it asks for more. */
const held = 0.1
const lowest = 0.025
/** Milliseconds for which a rate is kept that nobody draws from. */
const linger = 1000

interface Shared extends Bucket {
  readonly pot: Pot
  readonly bytesPerSecond: number
  readonly burst: number
  asked: boolean
  /** Since when nobody draws from it; undefined: somebody did when it was last looked at. */
  idleSince: number | undefined
}

export interface SharedRatesParts {
  /** Of time that never jumps. */
  readonly clock: Clock
  send(message: WantBytes): void
  later(milliseconds: number, run: () => void): void
}

/** A worker's side of the rates that connections share: it asks the supervisor for bytes in advance. */
export class SharedRates {
  readonly #parts: SharedRatesParts
  readonly #rates = new Buckets<Shared>()
  #wants: Want[] = []
  #send: (message: WantBytes) => void

  constructor(parts: SharedRatesParts) {
    this.#parts = parts
    this.#send = (message) => parts.send(message)
  }

  /** How many rates are remembered. */
  get size(): number {
    return this.#rates.size
  }

  /** @throws RangeError */
  rate(
    transport: Pick<Transport, 'allowance'>,
    name: string,
    bytesPerSecond: number,
    burst = 0,
  ): Pot {
    if (!(bytesPerSecond > 0 && bytesPerSecond < Infinity && burst >= 0)) {
      throw new RangeError(
        `a rate is of bytes per second, more than 0, not ${bytesPerSecond} with a burst of ${burst}`,
      )
    }
    // Connections of an earlier configuration keep the rate that they began with.
    const key = `${bytesPerSecond} ${burst} ${name}`
    const known = this.#rates.find(key, undefined)
    if (known) {
      known.idleSince = undefined
      return known.pot
    }
    const low = bytesPerSecond * lowest
    const pot = new Pot(transport.allowance(low, () => this.#hear(key)))
    return this.#add({ key, until: undefined, pot, bytesPerSecond, burst })
  }

  receive({ grants }: GrantBytes): void {
    for (const { key, bytes } of grants) {
      const rate = this.#rates.find(key, undefined)
      if (!rate) continue
      rate.asked = false
      rate.pot.grant(bytes)
    }
  }

  /** The supervisor is gone: for the rest of its life this worker has the rates to itself. */
  disconnect(): void {
    const send = (_worker: number, message: GrantBytes): void => this.receive(message)
    const ledger = new RateLedger({ ...this.#parts, send })
    this.#send = (message) => ledger.receive(0, message)
    for (const rate of this.#rates.all()) {
      if (rate.asked) this.#want(rate)
    }
  }

  #add(rate: Omit<Shared, 'asked' | 'idleSince'>): Pot {
    const now = this.#parts.clock.now()
    this.#rates.sweep((each) => this.#isOver(each, now))
    this.#rates.add({ ...rate, asked: false, idleSince: undefined })
    return rate.pot
  }

  #hear(key: string): void {
    const rate = this.#rates.find(key, undefined)
    if (rate && !rate.asked) this.#want(rate)
  }

  #want(rate: Shared): void {
    const { key, bytesPerSecond, burst, pot } = rate
    rate.asked = true
    const bytes = Math.max(1, Math.ceil(bytesPerSecond * held - pot.left))
    this.#wants.push({ key, bytesPerSecond, burst, bytes, weight: Math.max(1, pot.size) })
    if (this.#wants.length === 1) queueMicrotask(() => this.#flush())
  }

  /** What is wanted in one turn is one message. */
  #flush(): void {
    const wants = this.#wants
    this.#wants = []
    this.#send({ type: 'rates.want', wants })
  }

  #isOver(rate: Shared, now: number): boolean {
    if (rate.pot.size > 0) {
      rate.idleSince = undefined
      return false
    }
    rate.idleSince ??= now
    if (now - rate.idleSince < linger) return false
    rate.pot.close()
    return true
  }
}
