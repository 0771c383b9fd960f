import type { Service } from '../../entities/rows.ts'
import type { Matched } from '../phases/preread.ts'

/** Kong's default, in milliseconds, where a service says null. */
const defaultTimeout = 60_000

/** Milliseconds that a connect may take. */
export function patienceOf({ connect_timeout }: Service): number {
  return connect_timeout ?? defaultTimeout
}

/**
 * Waits for what a connection needs before it can connect: no longer than a connect may take, and no longer than the
 * session lives. Undefined when it was in vain. What is waited for never rejects.
 */
export function withPatience<T>(
  { session, service }: Matched,
  awaited: Promise<T>,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    let isOver = false
    const end = (value: T | undefined): void => {
      // Who comes late must not touch what the session does by then.
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      session.waiting = undefined
      resolve(value)
    }
    const timer = setTimeout(() => end(undefined), patienceOf(service))
    session.waiting = { interrupt: () => end(undefined) }
    void awaited.then(end)
  })
}
