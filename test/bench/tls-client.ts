import type { ConnectionOptions } from 'node:tls'

import { serverName, tlsOffer } from './identity.ts'
import { loopback } from './network.ts'

/** How Node's own client speaks TLS as the other clients do; who answers is not in question here. */
export function tlsClient(port: number): ConnectionOptions {
  return {
    port,
    host: loopback,
    servername: serverName,
    rejectUnauthorized: false,
    minVersion: tlsOffer.protocol,
    ciphers: tlsOffer.cipher,
    ecdhCurve: tlsOffer.group,
  }
}
