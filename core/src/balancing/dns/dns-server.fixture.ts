import { createSocket, type Socket as Datagrams } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import {
  type Answer,
  decode,
  encode,
  type Packet,
  type Question,
  TRUNCATED_RESPONSE,
} from 'dns-packet'
import { onTestFinished } from 'vitest'
import type { NameServer } from '../../settings/dns-values.ts'

/** What a server says to a question; undefined: nothing at all. */
export type Say = (question: Question, over: 'udp' | 'tcp') => Said | undefined
export interface Said {
  readonly rcode?: number
  readonly answers?: readonly Answer[]
  readonly additionals?: readonly Answer[]
  readonly truncated?: boolean
  /** What becomes of the message on its way. */
  readonly spoil?: (bytes: Buffer) => readonly Buffer[]
}

/** For the tests: a name server on loopback, over UDP and TCP on the same port; ended with the test. */
export interface TestServer extends NameServer {
  /** `udp A name`, in the order in which they came. */
  readonly asked: string[]
  /** Queries as they came. */
  readonly queries: Packet[]
  say: Say
}

export async function serveDns(say: Say, address = '127.0.0.1'): Promise<TestServer> {
  const { tcp, udp, port } = await bindBoth(address)
  const server: TestServer = { address, port, asked: [], queries: [], say }
  const answer = (bytes: Buffer, over: 'udp' | 'tcp'): readonly Buffer[] => {
    const query = decode(bytes)
    const [question] = query.questions ?? []
    if (!question) return []
    server.queries.push(query)
    server.asked.push(`${over} ${question.type} ${question.name}`)
    const said = server.say(question, over)
    if (!said) return []
    const message = writeReply(query.id ?? 0, question, said)
    return said.spoil ? said.spoil(message) : [message]
  }
  udp.on('message', (bytes, from) => {
    for (const message of answer(bytes, 'udp')) udp.send(message, from.port, from.address)
  })
  tcp.on('connection', (socket) => {
    let received = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE()) return
      for (const message of answer(received.subarray(2), 'tcp')) {
        const length = Buffer.alloc(2)
        length.writeUInt16BE(message.length)
        // In pieces, as a network may deliver it.
        socket.write(length.subarray(0, 1))
        socket.write(length.subarray(1))
        socket.write(message)
      }
      socket.end()
    })
  })
  return server
}

/** For the tests: the message that says this. */
export function writeReply(id: number, question: Question, said: Said): Buffer {
  const { rcode = 0, answers = [], additionals = [], truncated = false } = said
  return encode({
    type: 'response',
    id,
    flags: (truncated ? TRUNCATED_RESPONSE : 0) | rcode,
    questions: [question],
    answers: [...answers],
    additionals: [...additionals],
  })
}

/** The same port for both; another process may have one of them. */
async function bindBoth(
  address: string,
): Promise<{ readonly tcp: Server; readonly udp: Datagrams; readonly port: number }> {
  const tcp = createServer()
  tcp.listen(0, address)
  await once(tcp, 'listening')
  const { port } = tcp.address() as AddressInfo
  const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  udp.bind(port, address)
  try {
    await once(udp, 'listening')
  } catch {
    tcp.close()
    udp.close()
    return bindBoth(address)
  }
  onTestFinished(() => {
    tcp.close()
    udp.close()
  })
  return { tcp, udp, port }
}

/** For the tests: a server's zone: `NAME TYPE` and its records; other types of a name are empty, other names do not exist. */
export function zone(entries: Readonly<Record<string, readonly Answer[]>>): Say {
  return ({ name, type }) => {
    const answers = entries[`${name} ${type}`] ?? entries[`${name} CNAME`]
    if (answers) return { answers }
    const exists = Object.keys(entries).some((key) => key.startsWith(`${name} `))
    return exists ? {} : { rcode: 3 }
  }
}

export function a(name: string, data: string, ttl = 60): Answer {
  return { name, type: 'A', class: 'IN', ttl, data }
}

export function aaaa(name: string, data: string, ttl = 60): Answer {
  return { name, type: 'AAAA', class: 'IN', ttl, data }
}

export function cname(name: string, data: string, ttl = 60): Answer {
  return { name, type: 'CNAME', class: 'IN', ttl, data }
}

export function srv(
  name: string,
  data: {
    readonly target: string
    readonly port: number
    readonly priority?: number
    readonly weight?: number
  },
  ttl = 60,
): Answer {
  return { name, type: 'SRV', class: 'IN', ttl, data }
}
