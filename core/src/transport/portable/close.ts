import type { Wire } from './wire.ts'

/** How much of what the peer still sends is read and thrown away, in bytes. */
const discardLimit = 64 * 1024
/** How long a peer may take to end its side, in milliseconds. */
const lingerLimit = 1000

/**
 * Ends a connection in order: the farewell and what waits before it, then FIN; what the peer still sends is read and
 * thrown away for a while, because closing over unread bytes makes the kernel send an RST that can overtake the farewell.
 * After a prelude the peer has its turn before the farewell.
 */
export function closeInOrder(wire: Wire, farewell?: Uint8Array, prelude?: Uint8Array): void {
  const { stream } = wire
  wire.interrupt?.()
  if (wire.isClosed) return
  const end = (): void => {
    if (stream.writableEnded) return
    if (farewell && farewell.length > 0) stream.end(farewell)
    else stream.end()
  }
  let discarded = 0
  const timer = setTimeout(() => {
    if (stream.writableEnded) return wire.destroy()
    // The peer had its turn, and said nothing.
    end()
    timer.refresh()
  }, lingerLimit)
  stream.on('data', (chunk: Buffer) => {
    discarded += chunk.length
    if (discarded > discardLimit) wire.destroy()
  })
  stream.on('close', () => clearTimeout(timer))
  if (prelude && !stream.writableEnded) {
    stream.write(prelude)
    stream.once('data', end).once('end', end)
  } else end()
  stream.resume()
}
