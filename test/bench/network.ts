import { connect, createServer } from 'node:net'

export const loopback = '127.0.0.1'

/** Below the range from which the kernel takes the ports of outgoing connections. */
const lowest = 20_000
const highest = 30_000
const taken = new Set<number>()

/** A port on which nothing listens and which no outgoing connection will be given. */
export async function freePort(): Promise<number> {
  const port = lowest + Math.floor(Math.random() * (highest - lowest))
  if (!taken.has(port) && (await canListen(port))) {
    taken.add(port)
    return port
  }
  return freePort()
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer()
  const answered = new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).once('listening', () => resolve(true))
  })
  server.listen(port, loopback)
  const free = await answered
  if (free) await new Promise((resolve) => server.close(resolve))
  return free
}

/** Whether a request over a new connection is answered with 200. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, loopback)
    const settle = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1000, () => settle(false))
    socket.once('error', () => settle(false)).once('close', () => settle(false))
    socket.once('data', (bytes) => settle(bytes.toString('latin1').startsWith('HTTP/1.1 200')))
    socket.write(`GET / HTTP/1.1\r\nHost: ${loopback}\r\nConnection: close\r\n\r\n`)
  })
}
