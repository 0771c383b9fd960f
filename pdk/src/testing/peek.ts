import { setImmediate } from 'node:timers/promises'
import { Ended } from './fate.ts'

/** As much as can be looked at, in bytes. */
const most = 16_384

/** The client's first bytes, looked at and never taken. */
export interface Peeking {
  peek(atLeast: number): Promise<Uint8Array>
  /** Set when a peek has run into the deadline: the connection ends, whatever the plugin makes of it. */
  readonly expired: Ended | undefined
  /** The phase is over: nobody may look any more. */
  close(): void
}

/** @param ends whether the client has ended its side after these chunks, or waits in silence */
export function peekAt(chunks: readonly Buffer[], ends: boolean): Peeking {
  let expired: Ended | undefined
  let open = true
  const assertOpen = (): void => {
    if (!open) throw new Error('peek(n) belongs to the phase preread')
  }
  return {
    get expired() {
      return expired
    },
    close() {
      open = false
    },
    async peek(atLeast) {
      assertOpen()
      if (!Number.isInteger(atLeast) || atLeast < 1 || atLeast > most) {
        throw new RangeError(`peek(n) takes 1 to ${most} bytes, not ${atLeast}`)
      }
      const seen = gather(chunks, atLeast)
      if (seen.length >= atLeast || ends) return seen
      // The deadline comes after everything that the plugin can do without waiting.
      await setImmediate()
      assertOpen()
      expired ??= new Ended({
        outcome: 'failed',
        ending: 'client.preread.timeout',
        reason: `fewer than ${atLeast} bytes arrived in time`,
      })
      throw expired
    },
  }
}

/** Whole chunks, as they arrive. */
function gather(chunks: readonly Buffer[], atLeast: number): Uint8Array {
  let seen = Buffer.alloc(0)
  for (const chunk of chunks) {
    if (seen.length >= atLeast) break
    seen = Buffer.concat([seen, chunk])
  }
  return new Uint8Array(seen)
}
