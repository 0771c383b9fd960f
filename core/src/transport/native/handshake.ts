import { constants } from 'node:os'
import { performance } from 'node:perf_hooks'
import { lossError } from '../portable/failures.ts'
import { TransportError, type Patience } from '../transport.ts'
import type { Waiter } from './hub.ts'
import type { NativeSocket } from './native-socket.ts'
import { systemError } from './system-error.ts'
import type { TlsAddon } from './tls-addon.ts'

/** From here on a code is an error of OpenSSL; see `addon/tls.h`. */
const libraryErrors = 4096

/** What is to be done for a handshake, by either side. */
export interface Handshake<Result> {
  /** Starts it; answers 0, or an errno, negated. */
  begin(milliseconds: number): number
  /** What it came to; what this throws is why it is refused after all. */
  established(): Result
}

/**
 * Waits for the end of a handshake that the engine runs. A failure closes the connection, after an alert where the
 * peer is to be told.
 */
export function shakeHands<Result>(
  tls: TlsAddon,
  socket: NativeSocket,
  patience: Patience,
  handshake: Handshake<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const waiter = new HandshakeWaiter(tls, socket, patience, handshake, resolve, reject)
    waiter.start()
  })
}

/** One promise for a handshake, and nothing else but itself: there is one for each connection. */
class HandshakeWaiter<Result> implements Waiter {
  readonly id: number
  readonly #tls: TlsAddon
  readonly #socket: NativeSocket
  readonly #patience: Patience
  readonly #handshake: Handshake<Result>
  readonly #resolve: (result: Result) => void
  readonly #reject: (error: unknown) => void
  #cancel: (() => void) | undefined

  constructor(
    tls: TlsAddon,
    socket: NativeSocket,
    patience: Patience,
    handshake: Handshake<Result>,
    resolve: (result: Result) => void,
    reject: (error: unknown) => void,
  ) {
    this.id = socket.id
    this.#tls = tls
    this.#socket = socket
    this.#patience = patience
    this.#handshake = handshake
    this.#resolve = resolve
    this.#reject = reject
  }

  start(): void {
    const socket = this.#socket
    const { deadline, signal } = this.#patience
    socket.interrupt()
    if (signal?.aborted) {
      this.#giveUp()
      return
    }
    const left = Math.max(Math.ceil(deadline - performance.now()), 0)
    const answer = this.#handshake.begin(left === Infinity ? -1 : left)
    if (answer < 0) {
      this.#reject(lossError(socket.fault ?? lossOf(-answer)))
      return
    }
    socket.isSecuring = true
    socket.hub.await(this)
    if (signal) this.#obey(signal)
  }

  woken(code: number): void {
    this.#settle()
    try {
      if (code !== 0) throw this.#failure(code)
      this.#socket.isSecured = true
      this.#resolve(this.#handshake.established())
    } catch (error) {
      this.#reject(error)
    }
  }

  #obey(signal: AbortSignal): void {
    const cancel = (): void => {
      this.#settle()
      this.#giveUp()
    }
    signal.addEventListener('abort', cancel)
    this.#cancel = cancel
  }

  #settle(): void {
    this.#socket.isSecuring = false
    if (this.#cancel) this.#patience.signal?.removeEventListener('abort', this.#cancel)
    this.#cancel = undefined
  }

  #giveUp(): void {
    this.#socket.discard()
    this.#reject(new TransportError('cancelled', 'the handshake was cancelled'))
  }

  #failure(code: number): Error {
    if (code < 0) return new TransportError('timeout', 'the TLS handshake took too long')
    if (code >= libraryErrors) return new TransportError('handshake', this.#tls.reason(code))
    if (code === constants.errno.ENODATA) {
      return new TransportError('closed', 'the peer left during the TLS handshake')
    }
    return lossError(lossOf(code))
  }
}

/** A descriptor that is not there was closed by this side. */
function lossOf(errno: number): Error | null {
  return errno === constants.errno.EBADF ? null : systemError('read', errno)
}
