import type { Transform } from 'node:stream'

/**
 * Joins transforms, the first one's output to the second one's input and so on, with back-pressure and end.
 * An error, or a transform that closes before its output has ended, fails once.
 */
export function chain(transforms: readonly Transform[], fail: (error: unknown) => void): void {
  for (const [index, transform] of transforms.entries()) {
    transform.on('error', fail)
    transform.on('close', () => {
      if (!transform.readableEnded) fail(new Error('a transform closed before its end'))
    })
    const next = transforms[index + 1]
    if (next) transform.pipe(next)
  }
}
