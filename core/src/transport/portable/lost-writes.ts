import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

/** Milliseconds between two looks; what made no progress from one to the next is lost. */
const pause = 500

/**
 * Node 24 forgets what is written to a TLS socket at the moment in which its peer resets the connection: the write is
 * never called back, and the reset passes for an orderly end, so that the session would hold its descriptor until it
 * is idle for too long. Bytes that wait in the TLS socket while the kernel's socket has none to send are lost; the
 * connection ends as the reset it is.
 */
export function watchLostWrites(stream: TLSSocket, raw: Socket): void {
  const watch = (): void => {
    let before: string | undefined
    const timer = setInterval(() => {
      const now = waitingIn(stream, raw)
      if (now !== undefined && now === before) stream.destroy(lost())
      before = now
    }, pause)
    stream.once('close', () => clearInterval(timer))
  }
  stream.once('end', watch)
}

/** What the TLS socket keeps though the kernel's socket would take it; undefined: nothing. */
function waitingIn(stream: TLSSocket, raw: Socket): string | undefined {
  const handle: unknown = Reflect.get(raw, '_handle')
  if (typeof handle !== 'object' || handle === null || !('writeQueueSize' in handle)) return
  if (stream.writableLength === 0 || handle.writeQueueSize !== 0) return
  return `${stream.writableLength} of ${stream.bytesWritten}`
}

function lost(): Error {
  return Object.assign(new Error('the peer has reset the connection'), { code: 'ECONNRESET' })
}
