import type { Buckets, Clock, Once, Shared } from '@kong-ts/pdk'
import type { Transport } from '../../transport/transport.ts'
import { SharedRates } from '../rates/shared-rates.ts'
import { startLater } from '../workers/start-later.ts'
import type { ToSupervisor, ToWorker } from './messages.ts'
import { OnceEnd } from './once-end.ts'
import { SharedEnd } from './shared-end.ts'

/** A worker's end of what the kits of plugins ask the supervisor for. */
export class KitEnd {
  readonly #shared: SharedEnd
  readonly #once: OnceEnd
  readonly #rates: SharedRates

  /** @param send must keep the order; when it cannot send any more, `disconnect` must follow */
  constructor(send: (message: ToSupervisor) => void, clock: Clock) {
    this.#shared = new SharedEnd(send)
    this.#once = new OnceEnd(send, clock)
    this.#rates = new SharedRates({ clock: performance, later: startLater, send })
  }

  shared(instance: string): Shared {
    return this.#shared.of(instance)
  }

  once(scope: () => string, signal: AbortSignal): Once {
    return this.#once.of(scope, signal)
  }

  /** Rates for the connections of a transport. */
  rates(transport: Pick<Transport, 'allowance'>): Buckets['rate'] {
    return (key, bytesPerSecond, burst) => this.#rates.rate(transport, key, bytesPerSecond, burst)
  }

  receive(message: ToWorker): void {
    if (message.type === 'rates.grant') this.#rates.receive(message)
    else if (message.type === 'numbers.answer') this.#shared.receive(message)
    else this.#once.receive(message)
  }

  /** The supervisor is gone: who waits for it is told so. */
  disconnect(): void {
    this.#shared.disconnect()
    this.#once.disconnect()
    this.#rates.disconnect()
  }
}
