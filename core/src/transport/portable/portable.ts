import type { Transport } from '../transport.ts'
import { StreamAllowance } from './allowance.ts'
import { connect } from './connect.ts'
import { listen } from './listen.ts'

/** The transport of `node:net` and `node:tls`: it runs wherever Node runs. */
export function createPortableTransport(): Transport {
  return {
    name: 'portable',
    listen,
    connect,
    allowance: (low, hear) => new StreamAllowance(low, hear),
  }
}
