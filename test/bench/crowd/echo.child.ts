/** Sends back what it gets, in a process with descriptors of its own; tells its parent the port. */
import { createServer, type AddressInfo } from 'node:net'
import { loopback } from '../network.ts'

const server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => undefined)
  socket.pipe(socket)
})
server.listen({ port: 0, host: loopback, backlog: 4096 }, () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ port })
})
process.on('disconnect', () => process.exit())
