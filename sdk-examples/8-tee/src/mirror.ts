import { connect, type Socket } from 'node:net'

interface MirrorOptions {
  readonly host: string
  readonly port: number
  /** Bytes that may wait. */
  readonly buffer: number
}

/**
 * A copy of one stream on its way to a second server. It never makes its writer wait: what does not fit into the
 * buffer ends the copy, because a stream with a hole in it is worth nothing.
 */
export class Mirror {
  readonly #socket: Socket
  readonly #buffer: number
  readonly #broken: (reason: string) => void
  #isOver = false

  /** @param broken is called once when the copy cannot be completed */
  constructor({ host, port, buffer }: MirrorOptions, broken: (reason: string) => void) {
    this.#buffer = buffer
    this.#broken = broken
    this.#socket = connect({ host, port })
    // What the second server answers is read and dropped: unread it would stop that server.
    this.#socket.resume()
    this.#socket.on('error', (error) => this.#giveUp(error.message))
    this.#socket.on('close', () => this.#giveUp('the second server hung up'))
  }

  write(chunk: Uint8Array): void {
    if (this.#isOver) return
    if (this.#socket.writableLength + chunk.length > this.#buffer) {
      this.#giveUp('the second server is too slow')
    } else {
      // The buffer of the observed stream is used again: the copy needs its own.
      this.#socket.write(Buffer.from(chunk))
    }
  }

  /** Everything was written; what waits is still sent. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#socket.end()
  }

  /** Ends at once, whatever waits. */
  abandon(): void {
    this.#isOver = true
    this.#socket.destroy()
  }

  #giveUp(reason: string): void {
    this.#socket.destroy()
    if (this.#isOver) return
    this.#isOver = true
    this.#broken(reason)
  }
}
