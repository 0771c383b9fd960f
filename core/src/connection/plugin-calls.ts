import type { Bucket, Direction, Forwarding } from '@kong-ts/pdk'
import type { Transform } from 'node:stream'
import type { Bytes } from '../transport/transport.ts'

/** What a plugin's calls on a connection reach. Kept private, so that no cast leads to a socket. */
export interface PluginCalls {
  forward(to: Forwarding): boolean
  peek(atLeast: number): Promise<Uint8Array>
  take(count: number): Promise<Uint8Array>
  say(bytes: Uint8Array | string): Promise<void>
  startTls(): void
  left(signal: AbortSignal): Promise<void>
  observe(direction: Direction, see: (chunk: Uint8Array) => void): void
  through(direction: Direction, transform: Transform): void
  throttle(direction: Direction, bytesPerSecond: number | undefined, burst?: number): void
  draw(direction: Direction, bucket: Bucket): void
  /** What has moved until now; undefined: nothing can have. */
  moved(): Bytes | undefined
}
