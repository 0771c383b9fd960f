import type { ByteCounts } from '@kong-ts/pdk'
import type { Bytes } from '../../transport/transport.ts'

const none = Object.freeze({ received: 0, sent: 0 })

/** Nothing has moved; shared, for an idle connection is to weigh little. */
export const noBytes: ByteCounts = Object.freeze({ client: none, upstream: none })

/** Bytes as plugins are told of them. */
export function wordBytes(bytes: Bytes): ByteCounts {
  return {
    client: { received: bytes.clientReceived, sent: bytes.clientSent },
    upstream: { received: bytes.upstreamReceived, sent: bytes.upstreamSent },
  }
}
