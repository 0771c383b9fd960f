import type {
  ClientCertificate,
  Endpoint,
  Hello,
  Protocol,
  ProxyFacts,
  RouteFacts,
  ServiceFacts,
  Target,
} from '../contexts.ts'
import type { Slot } from '../slot.ts'
import { writeClientHello } from './client-hello.ts'

/** Text is sent as UTF-8; a list is sent chunk by chunk. */
export type Bytes = string | Uint8Array | readonly (string | Uint8Array)[]

/** A connection as a test describes it. Everything may be left out. */
export interface Dial {
  /** The client's address, or `unix:`; 127.0.0.1 by default. */
  readonly from?: string
  /** The client's port. */
  readonly port?: number
  /** The gateway's address and port that the client reaches; `127.0.0.1:5555` by default. */
  readonly to?: string
  /** What a PROXY header told; the client and its port are those that it named. */
  readonly proxy?: Partial<ProxyFacts>
  /**
   * The name in the ClientHello. With it, or with `alpn`, the protocol is `tls` unless stated. With the protocol `tcp` it
   * is what the client says when a plugin lets it start TLS.
   */
  readonly sni?: string
  readonly alpn?: readonly string[]
  /** The client's certificate, shown when a plugin asks for one. */
  readonly certificate?: Partial<ClientCertificate>
  readonly protocol?: Protocol
  /** What the client sends: plaintext. On a passed-through connection it follows the ClientHello. */
  readonly bytes?: Bytes
  /** Whether the client ends its side after its bytes; it does by default. Otherwise it waits for the upstream to end. */
  readonly ends?: boolean
  /** The client leaves, should it be kept waiting, when this is settled. */
  readonly leaves?: Promise<unknown>
  /** What the upstream answers: at once, or made from everything it received. */
  readonly reply?: Bytes | ((upload: Uint8Array) => Bytes)
  /** `host:port`, best first; `upstream:80` by default. */
  readonly targets?: readonly (string | Target)[]
  /** Targets that refuse the connection. */
  readonly failing?: readonly (string | Target)[]
  /** How often a failed connect is tried again; 5 by default. */
  readonly retries?: number
  readonly route?: Partial<RouteFacts>
  /** Null: the route has no service. */
  readonly service?: Partial<ServiceFacts> | null
  /** Services that there are beside it, for `forward`; each is reached at its host and port. */
  readonly services?: readonly Partial<ServiceFacts>[]
  /** What other plugins have left on the connection. */
  readonly slots?: readonly (readonly [Slot<unknown>, unknown])[]
}

/** A dial with everything filled in. */
export interface Call {
  readonly client: Endpoint
  readonly listener: Endpoint
  readonly proxy: ProxyFacts | undefined
  readonly protocol: Protocol
  readonly hello: Hello | undefined
  /** What a ClientHello says, now or later. */
  readonly sni: string | undefined
  readonly alpn: readonly string[]
  /** The ClientHello; empty on a plain connection. */
  readonly opening: Buffer
  readonly chunks: readonly Buffer[]
  readonly ends: boolean
  readonly left: () => Promise<void>
  readonly certificate: ClientCertificate | undefined
  readonly reply: (upload: Uint8Array) => readonly Buffer[]
  /** The answer does not wait for the upload. */
  readonly repliesAtOnce: boolean
  readonly targets: readonly Target[]
  readonly failing: readonly Target[]
  readonly retries: number
  readonly route: RouteFacts
  readonly service: ServiceFacts | undefined
  readonly services: readonly ServiceFacts[]
  readonly slots: Map<string, unknown>
}

const unsaid = {
  from: '127.0.0.1',
  port: 50_000,
  to: '127.0.0.1:5555',
  alpn: [],
  bytes: [],
  ends: true,
  reply: [],
  targets: ['upstream:80'],
  failing: [],
  retries: 5,
  services: [],
  slots: [],
} as const satisfies Dial

export function fillIn(dial: Dial): Call {
  const said = { ...unsaid, ...dial }
  const { from, reply } = said
  const protocol = protocolOf(dial)
  const opening = protocol === 'tcp' ? undefined : writeClientHello(said.sni, said.alpn)
  return {
    client: { address: from, port: from.startsWith('unix:') ? 0 : said.port },
    listener: endpointOf(said.to),
    proxy: headerOf(said),
    protocol,
    hello: opening?.hello,
    sni: said.sni,
    alpn: said.alpn,
    opening: opening?.bytes ?? Buffer.alloc(0),
    chunks: chunksOf(said.bytes),
    ends: said.ends,
    left: async () => void (await (dial.leaves ?? new Promise(() => undefined))),
    certificate: said.certificate && { ...anyCertificate, ...said.certificate },
    reply: (upload) => chunksOf(typeof reply === 'function' ? reply(upload) : reply),
    repliesAtOnce: typeof reply !== 'function',
    targets: said.targets.map(targetOf),
    failing: said.failing.map(targetOf),
    retries: said.retries,
    route: { ...anyRoute, protocols: [protocol], ...said.route },
    service: said.service === null ? undefined : { ...anyService, ...said.service },
    services: said.services.map((service) => ({ ...anyService, ...service })),
    slots: new Map(said.slots.map(([{ name }, value]) => [name, value])),
  }
}

/** The client of a plain connection begins TLS, as a protocol has agreed: what it says from here on is plaintext in it. */
export function beginTls(call: Call): Call {
  const { hello, bytes } = writeClientHello(call.sni, call.alpn)
  return { ...call, protocol: 'tls', hello, opening: bytes }
}

function headerOf({ proxy, to }: Dial & { readonly to: string }): ProxyFacts | undefined {
  return proxy && { ...anyHeader, destination: endpointOf(to), ...proxy }
}

function protocolOf({ protocol, sni, alpn = [] }: Dial): Protocol {
  return protocol ?? (sni === undefined && alpn.length === 0 ? 'tcp' : 'tls')
}

const anyHeader = { version: 2, peer: { address: '127.0.0.1', port: 50_001 }, tlvs: {} } as const

const anyRoute = {
  id: '00000000-0000-4000-8000-000000000001',
  name: 'route',
  protocols: [],
  tags: null,
}

const anyService: ServiceFacts = {
  id: '00000000-0000-4000-8000-000000000002',
  name: 'service',
  protocol: 'tcp',
  host: 'upstream',
  port: 80,
  tags: null,
}

const anyCertificate: ClientCertificate = {
  verified: true,
  subject: 'CN=client',
  names: [],
  fingerprint: '00'.repeat(32),
  pem: '',
}

function chunksOf(bytes: Bytes): Buffer[] {
  const list = typeof bytes === 'string' || bytes instanceof Uint8Array ? [bytes] : bytes
  return list.map((chunk) => Buffer.from(chunk)).filter(({ length }) => length > 0)
}

function targetOf(target: string | Target): Target {
  if (typeof target !== 'string') return target
  const { address, port } = endpointOf(target)
  return { host: address, port }
}

/** As a dial names it. */
export function writeTarget({ host, port }: Target): string {
  return host.startsWith('unix:') ? host : `${host}:${port}`
}

function endpointOf(text: string): Endpoint {
  if (text.startsWith('unix:')) return { address: text, port: 0 }
  const colon = text.lastIndexOf(':')
  const port = Number(text.slice(colon + 1))
  if (colon < 1 || !Number.isInteger(port)) throw new TypeError(`expected host:port, not ${text}`)
  return { address: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port }
}
