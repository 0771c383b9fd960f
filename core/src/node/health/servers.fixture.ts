import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'

/** For the tests: a server that may go and come back on its port. */
export interface TestServer {
  readonly port: number
  /** Connections that it has had. */
  readonly accepted: number
  /** Connections that it has now. */
  readonly live: number
  stop(): Promise<void>
  start(): Promise<void>
}

/** @param serve what it does with a connection */
export async function serveWith(
  serve: (socket: Socket) => void,
  tls?: TlsOptions,
): Promise<TestServer> {
  const live = new Set<Socket>()
  let [accepted, port] = [0, 0]
  const greet = (socket: Socket): void => {
    accepted += 1
    live.add(socket)
    socket.on('error', () => undefined).on('close', () => live.delete(socket))
    serve(socket)
  }
  let server: Server | undefined
  const self = {
    get port() {
      return port
    },
    get accepted() {
      return accepted
    },
    get live() {
      return live.size
    },
    async start() {
      const fresh = tls ? createTlsServer(tls, greet) : createServer(greet)
      fresh.on('tlsClientError', () => undefined)
      server = fresh
      await new Promise<void>((resolve) => fresh.listen(port, '127.0.0.1', resolve))
      ;({ port } = fresh.address() as AddressInfo)
    },
    async stop() {
      for (const socket of live) socket.destroy()
      await new Promise<unknown>((resolve) => server?.close(resolve))
    },
  }
  await self.start()
  onTestFinished(() => self.stop())
  return self
}

/** For the tests: a port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = await serveWith(() => undefined)
  await server.stop()
  return server.port
}
