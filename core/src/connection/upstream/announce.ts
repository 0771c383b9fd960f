import { X509Certificate } from 'node:crypto'
import type { ProxySslFacts, ProxyTlv, ProxyTlvFacts, TlsFacts } from '@kong-ts/pdk'
import type { ProxyTlvs, Service, Upstream } from '../../entities/rows.ts'
import { writeProxyHeader } from '../../routing/proxy-header/write-header.ts'
import type { Matched } from '../phases/preread.ts'
import type { Seen } from '../client/seen.ts'

/**
 * The PROXY header by which an upstream is told who the client is, where it is to be told: of the upstream that the
 * service goes through, else of the service. A client that came by a PROXY header is handed on as it came.
 */
export function announce(
  { session, service }: Matched,
  upstream: Upstream | undefined,
): Uint8Array | undefined {
  const told = upstream?.proxy_protocol ? upstream : service
  return told.proxy_protocol && header(session.seen, told.proxy_protocol, told)
}

type Told = Pick<Service | Upstream, 'proxy_protocol_tlvs'>

function header(seen: Seen, version: 'v1' | 'v2', { proxy_protocol_tlvs: wanted }: Told) {
  const destination = seen.proxy?.destination ?? seen.listener
  return writeProxyHeader(version, {
    addresses: { source: seen.client, destination },
    ...(wanted && { tlvs: tlvs(seen, wanted), checksum: wanted.crc32c === true }),
  })
}

/** What this gateway has not seen itself may have come with the client. */
function tlvs(seen: Seen, wanted: ProxyTlvs): ProxyTlvFacts {
  const { id, tls, proxy } = seen
  return {
    ...(wanted.authority && authorityOf(seen)),
    ...(wanted.alpn && alpnOf(seen)),
    ...(wanted.unique_id && { uniqueId: Buffer.from(id) }),
    ...(wanted.ssl && { ssl: tls ? sslOf(tls) : carried(proxy?.tlvs.ssl) }),
    ...(wanted.custom && { others: customOf(wanted.custom) }),
  }
}

function authorityOf({ hello, proxy }: Seen): Pick<ProxyTlvFacts, 'authority'> {
  const authority = hello?.serverName ?? short(proxy?.tlvs.authority)
  return authority === undefined ? {} : { authority }
}

/** What the client offers is no agreement: where TLS is passed through there is none yet. */
function alpnOf({ tls, proxy }: Seen): Pick<ProxyTlvFacts, 'alpn'> {
  const alpn = tls?.alpn ?? short(proxy?.tlvs.alpn)
  return alpn === undefined ? {} : { alpn }
}

/** TLS that is passed through is the upstream's to know about. */
const noTls: ProxySslFacts = { tls: false, verified: false }

function carried(ssl = noTls): ProxySslFacts {
  const isShort = Object.values(ssl).every(
    (value) => typeof value !== 'string' || short(value) !== undefined,
  )
  return isShort ? ssl : noTls
}

/** A name that is longer than this, in bytes, is left out: it would make the header a long one. */
const longestName = 256

function short(name: string | undefined): string | undefined {
  return name !== undefined && Buffer.byteLength(name) <= longestName ? name : undefined
}

function sslOf({ version, cipher, resumed, clientCertificate: shown }: TlsFacts): ProxySslFacts {
  const cn = shown?.verified ? commonName(shown.pem) : undefined
  return {
    tls: true,
    ...(shown && { certificate: resumed ? 'session' : 'connection' }),
    verified: shown?.verified ?? false,
    version,
    cipher,
    ...(cn !== undefined && { cn }),
  }
}

function commonName(pem: string): string | undefined {
  const { CN: name } = new X509Certificate(pem).toLegacyObject().subject
  return short(Array.isArray(name) ? name[0] : name)
}

function customOf(custom: Readonly<Record<string, string>>): readonly ProxyTlv[] {
  return Object.entries(custom).map(([type, text]) => ({
    type: Number(type),
    value: Buffer.from(text),
  }))
}
