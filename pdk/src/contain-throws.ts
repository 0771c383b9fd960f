import type { Transform } from 'node:stream'

/**
 * Makes what a transform throws its own error. Node throws it at whoever writes: into the middle of a connection, or of
 * an event that nobody waits for.
 * @param around runs each step of it; by default at once and without ado
 */
export function containThrows(
  transform: Transform,
  around: (work: () => void) => void = (work) => work(),
): void {
  // oxlint-disable no-underscore-dangle -- that is how Node names what the author of a stream writes
  const change = transform._transform.bind(transform)
  const flush = transform._flush?.bind(transform)
  transform._transform = (chunk, encoding, done) =>
    attempt(transform, () => around(() => change(chunk, encoding, done)))
  if (flush) transform._flush = (done) => attempt(transform, () => around(() => flush(done)))
  // oxlint-enable no-underscore-dangle
}

function attempt(transform: Transform, work: () => void): void {
  try {
    work()
  } catch (error) {
    transform.destroy(asError(error))
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown })
}
