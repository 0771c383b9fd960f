import type { Figure } from './figures.ts'
import { tlsOffer } from './identity.ts'
import { bulkOf, fetchTls, handshakes, requestsOf, type Drive } from './drive.ts'
import type { FigureName, VariantName } from './options.ts'
import type { ServiceName } from './site.ts'

/** One kind of work, by what a proxy pays for a unit of it and how much of it goes through in a second. */
export interface Load {
  readonly name: FigureName
  readonly needs: 'wrk' | 'iperf3' | 'openssl'
  readonly service: ServiceName
  /** What is paid for, in words, and how the cost of one is told. */
  readonly work: string
  readonly unit: 'µs' | 's'
  /** How many are told of in a second, in words. */
  readonly rate: string
  /** Its connections are few and last: plugins that act on connections cost it next to nothing. */
  readonly lasts: boolean
  readonly drive: Drive
}

const close = ['-H', 'Connection: close']

export const loads: readonly Load[] = [
  {
    name: 'connections',
    needs: 'wrk',
    service: 'http',
    work: 'new connection',
    unit: 'µs',
    rate: 'new connections',
    lasts: false,
    drive: requestsOf('http', close),
  },
  {
    name: 'requests',
    needs: 'wrk',
    service: 'http',
    work: 'small request',
    unit: 'µs',
    rate: 'small requests',
    lasts: true,
    drive: requestsOf('http', []),
  },
  {
    name: 'bulk',
    needs: 'iperf3',
    service: 'bulk',
    work: 'gigabyte, one stream',
    unit: 's',
    rate: 'gigabytes, one stream',
    lasts: true,
    drive: bulkOf(1),
  },
  {
    name: 'bulk8',
    needs: 'iperf3',
    service: 'bulk',
    work: 'gigabyte, eight streams',
    unit: 's',
    rate: 'gigabytes, eight streams',
    lasts: true,
    drive: bulkOf(8),
  },
  {
    name: 'sni',
    needs: 'wrk',
    service: 'sni',
    work: 'new connection passed by SNI',
    unit: 'µs',
    rate: 'new connections passed by SNI',
    lasts: false,
    drive: requestsOf('https', close),
  },
  {
    name: 'tls-connections',
    needs: 'openssl',
    service: 'tls',
    work: 'TLS handshake',
    unit: 'µs',
    rate: 'TLS handshakes',
    lasts: false,
    drive: handshakes,
  },
  {
    name: 'tls-requests',
    needs: 'wrk',
    service: 'tls',
    work: 'small request over TLS',
    unit: 'µs',
    rate: 'small requests over TLS',
    lasts: true,
    drive: requestsOf('https', []),
  },
  {
    name: 'tls-bulk',
    needs: 'wrk',
    service: 'tls',
    work: 'gigabyte over TLS',
    unit: 's',
    rate: 'gigabytes over TLS',
    lasts: true,
    drive: fetchTls,
  },
]

export function withVariant(words: string, variant: VariantName): string {
  return variant === 'bare' ? words : `${words}, three plugins`
}

export function costTitle(work: string, variant: VariantName = 'bare'): string {
  return withVariant(`CPU per ${work}`, variant)
}

export function costOf({ work, unit }: Load, variant: VariantName): Figure {
  const digits = unit === 's' ? 2 : 1
  return { section: 'cost', title: costTitle(work, variant), unit, digits }
}

export function rateOf({ rate, unit }: Load, variant: VariantName): Figure {
  const digits = unit === 's' ? 2 : 0
  return { section: 'rate', title: withVariant(rate, variant), unit: '1/s', digits }
}

/** How the loads are made, for the reader of the results. */
export const description = `A new connection carries one small HTTP request and its answer (\`wrk\`, 16 at a time,
\`Connection: close\`); a small request is the same on 16 connections that are kept; a gigabyte is 10^9 bytes from client
to upstream in one connection or in eight (\`iperf3\`). Passed by SNI: the same new connection over TLS, which client
and upstream speak with each other, through nginx \`ssl_preread\`, HAProxy \`req.ssl_sni\` and a route with
\`tls_passthrough\` and \`snis\`. A TLS handshake is a new connection over TLS, which the proxy ends, with one small
request and its answer (16 \`openssl s_time -new\`; no session is resumed: \`wrk\` would). Small requests over TLS are
those of 16 kept TLS connections (\`wrk\`); a gigabyte over TLS goes from upstream to client in one connection
(\`wrk\` fetching 16 MiB at a time). TLS is ${tlsOffer.protocol} with ${tlsOffer.cipher} and ${tlsOffer.group}, the
certificate ECDSA on P-256, the same for all; clients offer nothing else.`
