import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

/** A target of `bench:health` as a process that can be killed: `node health-target.ts hello|http|tls`. */
const [, , kind = 'hello', cert = '', key = ''] = process.argv

let accepted = 0

function serve(socket: Socket): void {
  accepted += 1
  socket.on('error', () => undefined).resume()
  if (kind === 'hello') socket.once('data', () => socket.end('hello'))
  if (kind === 'http') socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
}

const server = kind === 'tls' ? createTlsServer({ cert, key }, serve) : createServer(serve)
server.on('tlsClientError', () => undefined)
server.listen(0, '0.0.0.0', 4096, () => process.send?.(server.address()))
process.on('message', () => process.send?.({ accepted }))
process.on('disconnect', () => process.exit(0))
