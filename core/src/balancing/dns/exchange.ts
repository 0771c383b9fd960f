import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import type { NameServer } from '../../settings/dns-values.ts'

/** What becomes of a query; nothing is heard after `end`. */
export interface Exchange {
  /** Gives it up. */
  end(): void
}

export interface Heard {
  /** A message, as often as one comes. */
  message(bytes: Buffer): void
  /** The server cannot be reached; the code of the system's error. */
  failed(reason: string): void
}

/**
 * Sends a query in a datagram, from a port of its own. The socket is connected, so that the kernel lets only the
 * server's datagrams through and tells when nobody listens there.
 */
export function sendDatagram({ address, port }: NameServer, query: Buffer, heard: Heard): Exchange {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4').unref()
  const end = (): void => {
    if (ended) return
    ended = true
    socket.close()
  }
  const fail = (error: NodeJS.ErrnoException): void => {
    if (ended) return
    end()
    heard.failed(codeOf(error))
  }
  let ended = false
  socket.on('error', fail)
  socket.on('message', (bytes) => {
    if (!ended) heard.message(bytes)
  })
  socket.on('connect', () => {
    if (!ended) socket.send(query, (error) => error && fail(error))
  })
  socket.connect(port, address)
  return { end }
}

/** Sends a query over TCP (RFC 7766), where an answer of up to 65,535 bytes follows its length. */
export function sendStream({ address, port }: NameServer, query: Buffer, heard: Heard): Exchange {
  const socket = connect({ host: address, port, noDelay: true }).unref()
  const length = Buffer.alloc(2)
  length.writeUInt16BE(query.length)
  let ended = false
  const chunks: Buffer[] = []
  let received = 0
  /** The length first, then what it says. */
  let expected = 2
  const end = (): void => {
    ended = true
    socket.destroy()
  }
  const fail = (reason: string): void => {
    if (ended) return
    end()
    heard.failed(reason)
  }
  socket.on('error', (error) => fail(codeOf(error)))
  socket.on('close', () => fail('closed before it had answered'))
  socket.on('data', (chunk) => {
    chunks.push(chunk)
    received += chunk.length
    if (ended || received < expected) return
    const all = Buffer.concat(chunks.splice(0))
    expected = 2 + all.readUInt16BE()
    if (received < expected) return void chunks.push(all)
    end()
    heard.message(all.subarray(2, expected))
  })
  // Not the end of this side: there are servers that take it for the end of both.
  socket.write(Buffer.concat([length, query]))
  return { end }
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message
}
