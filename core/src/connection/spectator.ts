import { containThrows } from '@kong-ts/pdk/host'
import type { Transform } from 'node:stream'
import { messageOf } from '../errors/message-of.ts'

/** Bytes that may wait for a spectator; one that is slower than the connection sees no more of it. */
const most = 1024 * 1024

/** A transform of a plugin in shadow mode: it is shown what flows, and what it makes of it goes nowhere. */
export class Spectator {
  readonly #transform: Transform

  /**
   * @param wouldEnd hears why the connection would have ended
   * @param around runs each step of the transform
   */
  constructor(
    transform: Transform,
    wouldEnd: (reason: string) => void,
    around?: (work: () => void) => void,
  ) {
    this.#transform = transform
    containThrows(transform, around)
    transform.on('error', (error) => wouldEnd(messageOf(error)))
    transform.resume()
  }

  readonly see = (chunk: Uint8Array): void => {
    if (this.#transform.destroyed) return
    if (this.#transform.writableLength > most) this.close()
    // The bytes themselves go on their way, and may be written over there.
    else this.#transform.write(Buffer.from(chunk))
  }

  /** No byte flows any more. */
  close(): void {
    this.#transform.destroy()
  }
}
