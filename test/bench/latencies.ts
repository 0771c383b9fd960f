import type { Figure } from './figures.ts'
import { latencyRates, type LatencyKind } from './measure.ts'
import type { VariantName } from './options.ts'
import type { ServiceName } from './site.ts'

export interface Latency {
  readonly work: string
  readonly kind: LatencyKind
  readonly service: ServiceName
  readonly variant: VariantName
}

export const latencies: readonly Latency[] = [
  { work: 'small request', kind: 'kept', service: 'http', variant: 'bare' },
  { work: 'new connection', kind: 'new', service: 'http', variant: 'bare' },
  { work: 'new connection, three plugins', kind: 'new', service: 'http', variant: 'guarded' },
  { work: 'new TLS connection', kind: 'tls', service: 'tls', variant: 'bare' },
]

/** The middle, and what one in a hundred exceeds. */
export function latencyFigures({ work }: Latency): readonly [p50: Figure, p99: Figure] {
  const figure = { section: 'latency', unit: 'µs', digits: 0 } as const
  return [
    { ...figure, title: `p50 of a ${work}` },
    { ...figure, title: `p99 of a ${work}` },
  ]
}

/** How latencies are measured, for the reader of the results. */
export const description = `Latency is from the first step of the client (the request on one of 16 kept connections; the
connect of a new one, its TLS handshake included) to the first byte of the answer, at a fixed rate: ${latencyRates.kept} requests,
${latencyRates.new} new connections, ${latencyRates.tls} TLS connections in a second, from a client in Node, whose own part the direct connection shows.`
