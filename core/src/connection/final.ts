import type { Ending } from '../errors/endings.ts'
import type { Bytes } from '../transport/transport.ts'

/** How a connection ended. */
export interface Final {
  readonly ending: Ending
  readonly reason: string | undefined
  readonly bytes: Bytes
  /** Milliseconds from accept to the end. */
  readonly duration: number
}
