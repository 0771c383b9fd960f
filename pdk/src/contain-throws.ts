import type { Transform } from 'node:stream'

/**
 * Makes what a transform throws its own error. Node throws it at whoever writes: into the middle of a connection, or of
 * an event that nobody waits for.
 */
export function containThrows(transform: Transform): void {
  const { _transform: change, _flush: flush } = transform
  transform._transform = (chunk, encoding, done) => {
    try {
      change.call(transform, chunk, encoding, done)
    } catch (error) {
      transform.destroy(asError(error))
    }
  }
  if (typeof flush !== 'function') return
  transform._flush = (done) => {
    try {
      flush.call(transform, done)
    } catch (error) {
      transform.destroy(asError(error))
    }
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown })
}
