import type { Server } from 'node:http'
import type { Listen } from '../settings/listen.ts'
import { bindError, vacate } from './bind.ts'

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

export interface HttpListeners extends AsyncDisposable {
  /** As bound: `127.0.0.1:8001`, `unix:PATH`. */
  readonly addresses: readonly string[]
}

/** Milliseconds that a request may take to end once the listener closes. */
const lastRequest = 1_000

/** An application of its own for each address. @throws BindError; then none is left open */
export async function listenHttp(
  listens: readonly Listen[],
  create: () => Application,
): Promise<HttpListeners> {
  await using opened = new AsyncDisposableStack()
  const addresses: string[] = []
  for (const listen of listens) {
    addresses.push(await open(listen, opened.adopt(create(), close)))
  }
  const kept = opened.move()
  return { addresses, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

async function open(listen: Listen, application: Application): Promise<string> {
  const { address, port, path, backlog, ipv6Only } = listen
  try {
    if (path === undefined) {
      return new URL(await application.listen({ host: address, port, backlog, ipv6Only })).host
    }
    await vacate(path)
    await application.listen({ path, backlog })
    return address
  } catch (error) {
    throw bindError(listen, error)
  }
}

/** Answers what has been asked; whoever takes too long is cut off. */
async function close(application: Application): Promise<void> {
  const late = setTimeout(() => application.server.closeAllConnections(), lastRequest)
  await application.close()
  clearTimeout(late)
}
