import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

import { loopback } from './network.ts'
import { tlsClient } from './tls-client.ts'

/** Opens connections that say nothing, a few at a time; answers with the way to close them all. */
export function openIdle(port: number, count: number): Promise<() => Promise<void>> {
  return openAll(count, 'connect', () => connect(port, loopback))
}

/** The same over TLS, each with a handshake of its own. */
export function openIdleTls(port: number, count: number): Promise<() => Promise<void>> {
  return openAll(count, 'secureConnect', () => connectTls(tlsClient(port)))
}

async function openAll(
  count: number,
  ready: string,
  open: () => Socket,
): Promise<() => Promise<void>> {
  const sockets: Socket[] = []
  const close = async (): Promise<void> => {
    const closed = Promise.all(
      sockets.filter((socket) => !socket.closed).map((socket) => once(socket, 'close')),
    )
    for (const socket of sockets) socket.destroy()
    await closed
  }
  try {
    while (sockets.length < count) {
      const batch = Array.from({ length: Math.min(50, count - sockets.length) }, open)
      sockets.push(...batch)
      // One that the proxy ends is missed by whoever counts what is through.
      for (const socket of batch) socket.on('error', () => socket.destroy())
      const signal = AbortSignal.timeout(15_000)
      await Promise.all(batch.map((socket) => once(socket, ready, { signal })))
    }
  } catch (error) {
    await close()
    throw new Error(`not all of ${count} connections could be opened: ${String(error)}`, {
      cause: error,
    })
  }
  return close
}
