import { constants } from 'node:os'
import { lossError } from '../portable/failures.ts'
import { TransportError, type Patience } from '../transport.ts'
import type { Waiter } from './hub.ts'
import type { NativeSocket } from './native-socket.ts'
import { systemError } from './system-error.ts'
import type { TlsAddon } from './tls-addon.ts'

/** From here on a code is an error of OpenSSL; see `addon/tls.h`. */
const libraryErrors = 4096

/**
 * Waits for the end of a handshake that the engine runs. A failure closes the connection, after an alert where the
 * peer is to be told.
 *
 * @param begin - starts it; answers 0, or an errno, negated.
 */
export function shakeHands(
  tls: TlsAddon,
  socket: NativeSocket,
  patience: Patience,
  begin: (milliseconds: number) => number,
): Promise<void> {
  socket.interrupt()
  if (patience.signal?.aborted) {
    socket.discard()
    return Promise.reject(cancelled())
  }
  const left = Math.max(Math.ceil(patience.deadline - performance.now()), 0)
  const answer = begin(left === Infinity ? -1 : left)
  if (answer < 0) return Promise.reject(lossError(socket.fault ?? lossOf(-answer)))
  return new Promise((resolve, reject) => {
    socket.hub.await(new Handshake(tls, socket, patience.signal, resolve, reject))
  })
}

class Handshake implements Waiter {
  readonly id: number
  readonly #tls: TlsAddon
  readonly #socket: NativeSocket
  readonly #signal: AbortSignal | undefined
  readonly #resolve: () => void
  readonly #reject: (error: Error) => void

  constructor(
    tls: TlsAddon,
    socket: NativeSocket,
    signal: AbortSignal | undefined,
    resolve: () => void,
    reject: (error: Error) => void,
  ) {
    this.id = socket.id
    this.#tls = tls
    this.#socket = socket
    this.#signal = signal
    this.#resolve = resolve
    this.#reject = reject
    signal?.addEventListener('abort', this.#cancel)
  }

  woken(code: number): void {
    this.#signal?.removeEventListener('abort', this.#cancel)
    if (code === 0) this.#resolve()
    else this.#reject(this.#failure(code))
  }

  readonly #cancel = (): void => {
    this.#signal?.removeEventListener('abort', this.#cancel)
    this.#socket.discard()
    this.#reject(cancelled())
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

function cancelled(): TransportError {
  return new TransportError('cancelled', 'the handshake was cancelled')
}
