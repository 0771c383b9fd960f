import { Ended } from './fate.ts'

/** As much as can be looked at, in bytes. */
const most = 16_384

/** The client's first bytes, looked at and never taken. */
export interface Peeking {
  peek(atLeast: number): Promise<Uint8Array>
  /** Set when a peek has run into the deadline: the connection ends, whatever the plugin makes of it. */
  readonly expired: Ended | undefined
}

/** @param ends whether the client has ended its side after these chunks, or waits in silence */
export function peekAt(chunks: readonly Buffer[], ends: boolean): Peeking {
  let expired: Ended | undefined
  return {
    get expired() {
      return expired
    },
    async peek(atLeast) {
      if (!Number.isInteger(atLeast) || atLeast < 1 || atLeast > most) {
        throw new RangeError(`peek takes 1 to ${most} bytes, not ${atLeast}`)
      }
      let seen = Buffer.alloc(0)
      for (const chunk of chunks) {
        if (seen.length >= atLeast) break
        seen = Buffer.concat([seen, chunk])
      }
      if (seen.length < atLeast && !ends) {
        expired = new Ended({
          outcome: 'failed',
          ending: 'client.preread.timeout',
          reason: `the client sent ${seen.length} of ${atLeast} bytes`,
        })
        throw expired
      }
      return new Uint8Array(seen)
    },
  }
}
