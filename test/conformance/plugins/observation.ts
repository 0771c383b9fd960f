import type { Line } from '@kong-ts/pdk/testing'
import type { Digest } from './digest.ts'

/** What came of a dial, as far as the kit and the gateway can both know it. */
export interface Observation {
  readonly outcome: 'proxied' | 'rejected' | 'ended' | 'failed'
  /** What reached the upstream in the clear, and which one: `host:port`. */
  readonly upload: string
  readonly target: string | undefined
  /** What reached the client in the clear: the upstream's answer, or a farewell. */
  readonly download: string
  /** Where a plugin failed. */
  readonly failure:
    | { readonly plugin: string; readonly phase: string; readonly message: string }
    | undefined
  readonly digest: Digest
}

/** What came of a case. */
export interface Report {
  readonly dials: readonly Observation[]
  /** What the plugin logged. */
  readonly lines: readonly Line[]
}

/** The same from the kit and from the gateway. The hellos of the kit and of a real client are not the same. */
export function comparable({ hello, bytes, ...others }: Digest, helloOnly: boolean): unknown {
  const passed =
    others.protocol !== 'tcp' && others.tls === undefined && others.target !== undefined
  return JSON.parse(
    JSON.stringify({
      ...others,
      hello: hello && (helloOnly ? hello : { ...hello, ja4: 'another', ja3: 'another' }),
      // TLS that passes is counted as it is on the wire: here a real handshake and records, there none.
      bytes: passed ? { alike: isWhole(bytes) } : bytesOf(bytes, others.ending),
    }),
  )
}

/** What a client has sent and nobody will get is read by one transport, and left in the kernel by the other. */
function bytesOf({ client, upstream }: Digest['bytes'], ending: string): object {
  return ending.endsWith('.ended')
    ? { client: { sent: client.sent }, upstream }
    : { client, upstream }
}

function isWhole({ client, upstream }: Digest['bytes']): boolean {
  return client.received === upstream.sent && upstream.received === client.sent
}
