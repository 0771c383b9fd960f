import type { RequestListener, Server } from 'node:http'
import { createServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import type { Listen } from '../settings/listen.ts'
import { bindError, vacate } from './workers/bind.ts'
import { addressText } from './description/describe-node.ts'

/** An application that can listen on one address: what Fastify offers. */
interface Application {
  readonly server: Server
  listen(options: Partial<ListenTo>): Promise<string>
  close(): PromiseLike<unknown>
}

interface ListenTo {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly backlog: number
  readonly ipv6Only: boolean
}

/** Where an application is to be served. */
export interface Site {
  /** Whether its clients come over a unix socket: they are on this machine, and came by no name. */
  readonly unix: boolean
  /** Makes the server that speaks TLS, where that is asked for. */
  readonly serverFactory?: (handler: RequestListener) => Server
}

export interface HttpListeners extends AsyncDisposable {
  /** As bound: `127.0.0.1:8001`, `https://127.0.0.1:8444`, `unix:PATH`. */
  readonly addresses: readonly string[]
  /**
   * Reads other certificates and authorities, and uses them for handshakes from now on when it is called back. Whether
   * clients are asked for a certificate stays.
   * @throws what `tls` throws
   */
  follow(tls: () => Promise<TlsOptions>): Promise<() => void>
}

/** Milliseconds that a request may take to end once the listener closes. */
const lastRequest = 1_000

/** Milliseconds that requests may take to end which came before the certificates were changed. */
const lastOfBefore = 10_000

/**
 * An application of its own for each address.
 * @param tls asked for once, when an address wants TLS
 * @throws BindError, or what `tls` throws; then none is left open
 */
export async function listenHttp(
  listens: readonly Listen[],
  create: (site: Site) => Application,
  tls: () => Promise<TlsOptions>,
): Promise<HttpListeners> {
  const secure = listens.some(({ ssl }) => ssl)
  const factory = new TlsFactory(secure ? await tls() : {})
  await using opened = new AsyncDisposableStack()
  const addresses: string[] = []
  for (const listen of listens) {
    const site = { unix: listen.path !== undefined, ...(listen.ssl && factory.site) }
    const application = opened.adopt(create(site), (served) => close(served, factory))
    addresses.push(await open(listen, application))
  }
  const kept = opened.move()
  return {
    addresses,
    follow: async (next) => {
      const options = secure ? await next() : {}
      return () => factory.secureWith(options)
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** Makes the servers that speak TLS, and knows what is connected to them. */
class TlsFactory {
  readonly site: Pick<Site, 'serverFactory'> = { serverFactory: (handler) => this.#make(handler) }
  readonly #servers = new Set<TlsServer>()
  readonly #sockets = new Set<Socket>()
  #options: TlsOptions

  constructor(options: TlsOptions) {
    this.#options = options
  }

  /**
   * Whoever came with a certificate that is no longer good is to come again: connections of before end, and their
   * sessions are not resumed, as a context has ticket keys of its own.
   */
  secureWith(options: TlsOptions): void {
    if (isDeepStrictEqual(options, this.#options)) return
    this.#options = options
    for (const server of this.#servers) {
      server.setSecureContext(options)
      server.closeIdleConnections()
    }
    const before = [...this.#sockets]
    setTimeout(() => before.forEach((socket) => socket.destroy()), lastOfBefore).unref()
  }

  /** Also those in the middle of a handshake, which the HTTP server does not know yet. */
  closeAllConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #make(handler: RequestListener): Server {
    const server = createServer(this.#options, handler)
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    this.#servers.add(server)
    return server
  }
}

async function open(listen: Listen, application: Application): Promise<string> {
  const { address, port, path, backlog, ipv6Only, ssl } = listen
  try {
    if (path !== undefined) {
      await vacate(path)
      await application.listen({ path, backlog })
      return address
    }
    // A server that is made for Fastify is bound to one address only: that of the stream listeners.
    const host = ssl && address === 'localhost' ? '127.0.0.1' : address
    await application.listen({ host, port, backlog, ipv6Only })
    return `${ssl ? 'https://' : ''}${boundTo(application.server)}`
  } catch (error) {
    throw bindError(listen, error)
  }
}

function boundTo(server: Server): string {
  const address = server.address()
  return typeof address === 'string' || address === null ? String(address) : addressText(address)
}

/** Answers what has been asked; whoever takes too long is cut off. */
async function close(application: Application, factory: TlsFactory): Promise<void> {
  const late = setTimeout(() => {
    application.server.closeAllConnections()
    factory.closeAllConnections()
  }, lastRequest)
  await application.close()
  clearTimeout(late)
}
