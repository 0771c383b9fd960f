import type { TLSSocket } from 'node:tls'
import { TransportError, type Patience } from '../transport.ts'
import { handshakeError } from './failures.ts'
import { watchLostWrites } from './lost-writes.ts'
import { startTimer } from './timer.ts'
import { ignoreError, type Wire } from './wire.ts'

/**
 * Waits until a TLS socket is established. Application bytes that arrive in the same flight are held on the wire.
 * A failure closes the connection.
 *
 * @param event - `secure` for a server, `secureConnect` for a client.
 */
export function establish(
  wire: Wire,
  stream: TLSSocket,
  event: 'secure' | 'secureConnect',
  patience: Patience,
): Promise<void> {
  tearDownOnError(stream)
  watchLostWrites(stream, wire.raw)
  const onData = (chunk: Buffer) => wire.hold(chunk)
  return new Promise((resolve, reject) => {
    const { signal } = patience
    const fail = (error: TransportError) => {
      stop()
      wire.destroy()
      reject(error)
    }
    const onAbort = () => fail(new TransportError('cancelled', 'the handshake was cancelled'))
    const timer = startTimer(patience.deadline, () =>
      fail(new TransportError('timeout', 'the TLS handshake took too long')),
    )
    const onEnd = () => fail(new TransportError('closed', 'the peer left during the TLS handshake'))
    const onClose = () => fail(handshakeError(wire.fault))
    const onEstablished = () => {
      stop()
      resolve()
    }
    const stop = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      stream.off('data', onData).off('end', onEnd).off('close', onClose).off(event, onEstablished)
      stream.pause()
    }
    if (signal?.aborted) {
      onAbort()
      return
    }
    signal?.addEventListener('abort', onAbort)
    stream.on('data', onData).on('end', onEnd).on('close', onClose).on(event, onEstablished)
    // Only a stream that flows reports that the peer has left.
    stream.resume()
  })
}

/**
 * A broken record after the handshake is reported by an event alone, `_tlsError` on a server's socket, and would leave
 * the connection open.
 */
function tearDownOnError(stream: TLSSocket): void {
  stream.on('error', ignoreError)
  const tearDown = (error: Error) => stream.destroy(error)
  stream.on('error', tearDown)
  stream.on('_tlsError', tearDown)
}
