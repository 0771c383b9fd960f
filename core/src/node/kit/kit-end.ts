import type { Clock, Once, Shared } from '@kong-ts/pdk'
import type { ToSupervisor, ToWorker } from './messages.ts'
import { OnceEnd } from './once-end.ts'
import { SharedEnd } from './shared-end.ts'

/** A worker's end of what the kits of plugins ask the supervisor for. */
export class KitEnd {
  readonly #shared: SharedEnd
  readonly #once: OnceEnd

  /** @param send must keep the order; when it cannot send any more, `disconnect` must follow */
  constructor(send: (message: ToSupervisor) => void, clock: Clock) {
    this.#shared = new SharedEnd(send)
    this.#once = new OnceEnd(send, clock)
  }

  shared(instance: string): Shared {
    return this.#shared.of(instance)
  }

  once(scope: () => string, signal: AbortSignal): Once {
    return this.#once.of(scope, signal)
  }

  receive(message: ToWorker): void {
    if (message.type === 'numbers.answer') this.#shared.receive(message)
    else this.#once.receive(message)
  }

  /** The supervisor is gone: who waits for it is told so. */
  disconnect(): void {
    this.#shared.disconnect()
    this.#once.disconnect()
  }
}
