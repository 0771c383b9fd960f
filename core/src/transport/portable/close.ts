import type { Wire } from './wire.ts'

/** How much of what the peer still sends is read and thrown away, in bytes. */
const discardLimit = 64 * 1024
/** How long a peer may take to end its side, in milliseconds. */
const lingerLimit = 1000

/**
 * Ends a connection in order: the farewell and what waits before it, then FIN; what the peer still sends is read and
 * thrown away for a while, because closing over unread bytes makes the kernel send an RST that can overtake the farewell.
 */
export function closeInOrder(wire: Wire, farewell?: Uint8Array): void {
  const { stream } = wire
  wire.interrupt?.()
  if (wire.isClosed) return
  let discarded = 0
  const timer = setTimeout(() => wire.destroy(), lingerLimit)
  stream.on('data', (chunk: Buffer) => {
    discarded += chunk.length
    if (discarded > discardLimit) wire.destroy()
  })
  stream.on('close', () => clearTimeout(timer))
  if (!stream.writableEnded) {
    if (farewell && farewell.length > 0) stream.end(farewell)
    else stream.end()
  }
  stream.resume()
}
