import { setImmediate } from 'node:timers/promises'
import { Ended } from './fate.ts'

/** As much as can be looked at, or taken, in one go, in bytes. */
const most = 16_384
/** How much of a connection can be taken, and how much can be said to it. */
const mostEarly = 65_536

/** The client's first bytes, as a plugin may look at them, take them and answer them. */
export interface Peeking {
  peek(atLeast: number): Promise<Uint8Array>
  take(count: number): Promise<Uint8Array>
  say(bytes: Uint8Array | string): Promise<void>
  /** What was not taken. */
  readonly rest: readonly Buffer[]
  /** How many bytes were taken. */
  readonly taken: number
  readonly said: readonly Buffer[]
  /** Set when a peek has run into the deadline: the connection ends, whatever the plugin makes of it. */
  readonly expired: Ended | undefined
  /** The phase is over: nobody may look any more. */
  close(): void
}

/** @param ends whether the client has ended its side after these chunks, or waits in silence */
export function peekAt(chunks: readonly Buffer[], ends: boolean): Peeking {
  let expired: Ended | undefined
  let open = true
  let rest = chunks
  let taken = 0
  const said: Buffer[] = []
  const assertOpen = (what: string): void => {
    if (!open) throw new Error(`${what} belongs to the phase preread`)
  }
  const look = async (atLeast: number, what: string): Promise<Uint8Array> => {
    assertOpen(what)
    if (!Number.isInteger(atLeast) || atLeast < 1 || atLeast > most) {
      throw new RangeError(`${what} takes 1 to ${most} bytes, not ${atLeast}`)
    }
    const seen = gather(rest, atLeast)
    if (seen.length >= atLeast || ends) return seen
    // The deadline comes after everything that the plugin can do without waiting.
    await setImmediate()
    assertOpen(what)
    expired ??= new Ended({
      outcome: 'failed',
      ending: 'client.preread.timeout',
      reason: `fewer than ${atLeast} bytes arrived in time`,
    })
    throw expired
  }
  let last: Promise<unknown> | undefined
  /** As in the gateway, whoever looks or takes waits for whoever came before. */
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const running = last ? Promise.allSettled([last]).then(run) : run()
    last = running
    return running
  }
  return {
    get expired() {
      return expired
    },
    get rest() {
      return rest
    },
    get taken() {
      return taken
    },
    said,
    close() {
      open = false
    },
    peek: (atLeast) => inTurn(() => look(atLeast, 'peek(n)')),
    take: (count) =>
      inTurn(async () => {
        const bytes = (await look(count, 'take(n)')).subarray(0, count)
        if (taken + bytes.length > mostEarly) {
          throw new RangeError(`take(n) takes ${mostEarly} bytes of a connection at most`)
        }
        taken += bytes.length
        rest = without(rest, bytes.length)
        return bytes
      }),
    async say(text) {
      assertOpen('say(bytes)')
      const bytes = Buffer.from(text)
      const before = said.reduce((sum, { length }) => sum + length, 0)
      if (before + bytes.length > mostEarly) {
        throw new RangeError(`say(bytes) says ${mostEarly} bytes to a connection at most`)
      }
      said.push(bytes)
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

function without(chunks: readonly Buffer[], count: number): readonly Buffer[] {
  let left = count
  return chunks.flatMap((chunk) => {
    const dropped = Math.min(left, chunk.length)
    left -= dropped
    return dropped < chunk.length ? [chunk.subarray(dropped)] : []
  })
}
