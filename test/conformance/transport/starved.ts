import { writeSync } from 'node:fs'
import { BoundSocket } from 'node:net'
import { transports } from './transports.ts'

/** A process with few descriptors: it holds every connection until the client says a byte or leaves, then answers. */
const transport = transports.find(({ name }) => name === process.argv[2])
if (!transport) throw new Error(`no transport is called ${process.argv[2]}`)
const socket = new BoundSocket({ host: '127.0.0.1' })
const address = { address: '127.0.0.1', port: socket.address().port }
await transport.listen({ socket, address, backlog: 511, keepAlive: 0 }, (inbound) => {
  inbound.peek(1, { deadline: Infinity }).then(
    () => inbound.end(Buffer.from('served')),
    () => inbound.reset(),
  )
})
writeSync(1, `${address.port}\n`)
