import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** Carries a TLS client over a socket, but holds the first flight back from an offset on until it is released. */
export class SplitClient extends Duplex {
  readonly #socket: Socket
  readonly #offset: number
  #rest: Buffer | undefined
  #isFirst = true

  constructor(socket: Socket, offset: number) {
    super()
    this.#socket = socket
    this.#offset = offset
    socket.on('data', (chunk: Buffer) => this.push(chunk))
    socket.on('end', () => this.push(null))
    socket.resume()
  }

  /** Sends what was held back. */
  release(): void {
    if (this.#rest) this.#socket.write(this.#rest)
    this.#rest = undefined
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.#isFirst) {
      this.#isFirst = false
      this.#rest = chunk.subarray(this.#offset)
      this.#socket.write(chunk.subarray(0, this.#offset))
    } else this.#socket.write(chunk)
    done()
  }

  override _final(done: () => void): void {
    this.#socket.end()
    done()
  }
}
