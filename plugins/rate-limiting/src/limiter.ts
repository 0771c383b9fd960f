import type { Awaitable } from '@kong-ts/pdk'

/** Counts the connections of many clients against the limits of one configuration. */
export interface Limiter {
  /**
   * Whether one more connection is within every limit; then it is counted, else it costs nothing.
   * @param who whose connections are counted together
   * @throws (or rejects) when it cannot tell
   */
  take(who: string): Awaitable<boolean>
}
