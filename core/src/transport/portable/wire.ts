import type { Socket } from 'node:net'

const nothing = Buffer.alloc(0)

/**
 * A socket whose bytes nobody has consumed, with those that were looked at. The stream is kept paused: it reads
 * only while somebody looks, and what it has buffered meanwhile follows the held bytes.
 */
export class Wire {
  /** What bytes are read from and written to: the TCP socket, or the TLS socket upon it. */
  readonly stream: Socket
  /** The socket of the kernel; the stream itself where there is no TLS. */
  readonly raw: Socket
  /** Whether the kernel can be asked for an RST; a unix socket can not. */
  readonly #resettable: boolean
  /** Ends the peek that is under way. */
  interrupt: (() => void) | undefined = undefined
  #buffer: Buffer = nothing
  #start = 0
  #end = 0

  constructor(stream: Socket, raw: Socket, resettable: boolean) {
    this.stream = stream
    this.raw = raw
    this.#resettable = resettable
  }

  /** The same connection with another stream upon it. */
  over(stream: Socket): Wire {
    return new Wire(stream, this.raw, this.#resettable)
  }

  get heldLength(): number {
    return this.#end - this.#start
  }

  /** The bytes that were looked at. Later bytes are appended behind them, never written over them. */
  get held(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end)
  }

  /** Keeps a chunk that was read. The buffer doubles, so that a peer who sends single bytes costs linear time. */
  hold(chunk: Buffer): void {
    const length = this.heldLength
    if (length === 0) {
      this.#buffer = chunk
      this.#start = 0
      this.#end = chunk.length
      return
    }
    if (this.#end + chunk.length > this.#buffer.length || this.#buffer.length < minimum) {
      const grown = Buffer.allocUnsafeSlow(Math.max(2 * (length + chunk.length), minimum))
      grown.set(this.held)
      this.#buffer = grown
      this.#start = 0
      this.#end = length
    }
    this.#buffer.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** Consumes held bytes. */
  skip(count: number): void {
    if (!(count >= 0 && count <= this.heldLength)) {
      throw new RangeError(`cannot skip ${count} bytes, ${this.heldLength} were peeked`)
    }
    this.#start += count
  }

  /** Hands the held bytes over, once. */
  release(): Buffer {
    const { held } = this
    this.#buffer = nothing
    this.#start = 0
    this.#end = 0
    return held
  }

  /** What broke the connection; null while nothing has. */
  get fault(): Error | null {
    return this.stream.errored ?? this.raw.errored
  }

  /** Nothing can be read or written any more. */
  get isClosed(): boolean {
    return this.stream.destroyed || this.raw.destroyed
  }

  /** Closes without waiting for anything. */
  destroy(): void {
    // A TLS socket whose kernel socket is closing already follows by itself; see `reset`.
    if (this.raw.destroyed) return
    this.stream.destroy()
    this.raw.destroy()
  }

  /**
   * Sends an RST where the kernel can. libuv refuses it during the moment in which a FIN is being sent, and Node would
   * then lose the descriptor: such a connection is closed plainly. The TLS socket above is left to follow by itself:
   * destroying it in the same tick, after the socket below, crashes Node 24 while a session ticket is being written.
   */
  reset(): void {
    const { stream, raw } = this
    const ending = stream.writableEnded && stream.writableLength === 0 && !stream.writableFinished
    if (!this.#resettable || ending) this.destroy()
    else if (!raw.destroyed) raw.resetAndDestroy()
  }
}

/** Small first chunks get a buffer of this size when a second one arrives; a ClientHello fits. */
const minimum = 2048

/** Errors are read from the wire when its socket closes; this only keeps Node from raising them meanwhile. */
export function ignoreError(): void {}
