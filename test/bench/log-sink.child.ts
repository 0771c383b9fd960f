/** Takes what log plugins send (`tcp`, `udp` or `http`), in a process of its own, and tells its parent how much it was. */
import { createSocket } from 'node:dgram'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { loopback } from './network.ts'

export interface SinkWord {
  readonly port?: number
  /** Bytes so far. */
  readonly taken?: number
}

let taken = 0
let told = 0

function tell(word: SinkWord): void {
  process.send?.(word)
}

function count(chunk: Uint8Array): void {
  taken += chunk.length
}

function listen(kind: string): void {
  if (kind === 'udp') {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 })
    socket.on('message', count)
    socket.bind(0, loopback, () => tell({ port: socket.address().port }))
    return
  }
  const server =
    kind === 'tcp'
      ? createServer((socket) => void socket.on('data', count).on('error', () => undefined))
      : createHttpServer((request, response) => {
          request.on('data', count).on('end', () => response.end())
        })
  server.listen(0, loopback, () => {
    const { port } = server.address() as AddressInfo
    tell({ port })
  })
}

listen(process.argv[2] ?? '')
setInterval(() => {
  if (taken !== told) tell({ taken })
  told = taken
}, 20)
process.on('disconnect', () => process.exit())
