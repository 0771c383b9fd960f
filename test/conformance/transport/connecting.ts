import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ClientTls, Inbound, Transport } from '../../../core/src/transport/transport.ts'
import { issueCertificates } from './certificates.ts'
import {
  addressOf,
  dial,
  endOf,
  type Kind,
  kinds,
  openGate,
  openUpstream,
  plainRelay,
  Queue,
  readAll,
  readSome,
  soon,
  temporaryPath,
} from './harness.ts'

export function connecting(transport: Transport): void {
  const accepted = async (): Promise<Inbound> => {
    const gate = await openGate(transport)
    await dial(gate.endpoint)
    return gate.accepted.take()
  }
  const options = () => ({ ...soon(), keepAlive: 60 })

  test('it says which address was reached, a name included', async () => {
    const inbound = await accepted()
    const { endpoint } = await openUpstream()
    expect((await inbound.connect(endpoint, options())).remote).toEqual(endpoint)
    const byName = await inbound.connect({ address: 'localhost', port: endpoint.port }, options())
    expect(byName.remote).toEqual(endpoint)
  })

  test('a refused connect', async () => {
    const inbound = await accepted()
    const { endpoint, server } = await openUpstream()
    server.close()
    await once(server, 'close')
    await expect(inbound.connect(endpoint, options())).rejects.toMatchObject({ failure: 'refused' })
  })

  test('a unix socket that is not there', async () => {
    const inbound = await accepted()
    const target = { address: `unix:${temporaryPath()}`, port: 0 }
    await expect(inbound.connect(target, options())).rejects.toMatchObject({
      failure: 'unreachable',
    })
  })

  test('a name that does not exist', async () => {
    const inbound = await accepted()
    const target = { address: 'nobody.invalid', port: 1 }
    await expect(inbound.connect(target, options())).rejects.toMatchObject({ failure: 'dns' })
  })

  test('a deadline that has passed', async () => {
    const inbound = await accepted()
    const { endpoint } = await openUpstream()
    const tls = { verify: false }
    const late = { deadline: performance.now() + 100, keepAlive: 0, tls }
    // It accepts and never says a word of TLS.
    await expect(inbound.connect(endpoint, late)).rejects.toMatchObject({ failure: 'timeout' })
  })

  test('an upstream that resets at once during TLS', async () => {
    const inbound = await accepted()
    const { endpoint, server } = await openUpstream()
    server.on('connection', (socket) => socket.resetAndDestroy())
    const connect = inbound.connect(endpoint, { ...options(), tls: { verify: false } })
    await expect(connect).rejects.toMatchObject({ failure: 'reset' })
  })

  test('an upstream that does not speak TLS, or leaves', async () => {
    const inbound = await accepted()
    for (const answer of ['HTTP/1.1 400 Bad Request\r\n\r\n', '']) {
      const server = createServer((socket) => {
        socket.on('error', () => {})
        socket.end(answer)
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const connect = inbound.connect(addressOf(server), { ...options(), tls: { verify: false } })
      await expect(connect).rejects.toMatchObject({ failure: 'handshake' })
      server.close()
    }
  })

  test.each(kinds)('the first bytes go first, and once, over %s', async (kind) => {
    const first = Buffer.from('PROXY UNKNOWN\r\n')
    const { client, relay, upstream } = await openRelay(transport, kind, first)
    client.end('question')
    expect(String(await readAll(upstream))).toBe('PROXY UNKNOWN\r\nquestion')
    upstream.end('answer')
    expect(String(await readAll(client))).toBe('answer')
    expect(await relay.done).toEqual({ by: 'client', how: 'fin' })
    // They are the gateway's, not the client's.
    expect(relay.bytes).toMatchObject({ clientReceived: 8, upstreamSent: 8 })
  })

  test.each(kinds)('first bytes that the kernel takes in parts, over %s', async (kind) => {
    const inbound = await accepted()
    const { endpoint, accepted: arrived } = await openUpstream(kind)
    const first = randomBytes(16 * 1024 * 1024)
    const dialling = inbound.connect(endpoint, { ...options(), first })
    const upstream = await arrived.take()
    upstream.write('greeting')
    expect((await readSome(upstream, first.length)).equals(first)).toBe(true)
    const outbound = await dialling
    expect(String((await outbound.peek(8, soon())).bytes)).toBe('greeting')
  })

  test('first bytes that an upstream never reads end with the deadline', async () => {
    const inbound = await accepted()
    const { endpoint, accepted: arrived } = await openUpstream()
    const late = { deadline: performance.now() + 200, keepAlive: 0 }
    const connect = inbound.connect(endpoint, { ...late, first: Buffer.alloc(64 * 1024 * 1024) })
    await expect(connect).rejects.toMatchObject({ failure: 'timeout' })
    expect(await endOf(await arrived.take())).toBe('fin')
  })

  test('an upstream that resets in the middle of the first bytes', async () => {
    const inbound = await accepted()
    const { endpoint, server } = await openUpstream()
    server.on('connection', (socket) => {
      void readSome(socket, 1).then(() => socket.resetAndDestroy())
    })
    const first = Buffer.alloc(64 * 1024 * 1024)
    const connect = inbound.connect(endpoint, { ...options(), first })
    await expect(connect).rejects.toMatchObject({ failure: 'reset' })
  })

  test('a discarded upstream is closed', async () => {
    const inbound = await accepted()
    const { endpoint, accepted: arrived } = await openUpstream()
    const outbound = await inbound.connect(endpoint, options())
    outbound.discard()
    expect(await endOf(await arrived.take())).toBe('fin')
  })

  describe('with TLS', () => {
    const openTls = async (tls: TlsOptions) => {
      const sockets = new Queue<TLSSocket>()
      const server = createTlsServer({ ...tls, allowHalfOpen: true }, (socket) => {
        socket.on('error', () => {})
        onTestFinished(() => {
          socket.destroy()
        })
        sockets.put(socket)
      })
      server.on('tlsClientError', () => {})
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      onTestFinished(() => {
        server.close()
      })
      return { endpoint: addressOf(server), sockets }
    }

    const attempt = async (server: TlsOptions, tls: ClientTls) => {
      const inbound = await accepted()
      const { endpoint, sockets } = await openTls(server)
      await inbound.connect(endpoint, { ...options(), tls })
      return sockets.take()
    }

    test('verified by name, with SNI, ALPN and a client certificate', async () => {
      const { ca, server, client } = await issueCertificates()
      const socket = await attempt(
        { ...server, ca: [ca.cert], requestCert: true, ALPNProtocols: ['b', 'a'] },
        { serverName: 'a.example', verify: true, ca: [ca.cert], certificate: client, alpn: ['a'] },
      )
      expect(socket.authorized).toBe(true)
      expect(socket.alpnProtocol).toBe('a')
      expect(Reflect.get(socket, 'servername')).toBe('a.example')
    })

    test('verified by the address where there is no name', async () => {
      const { ca, server } = await issueCertificates()
      const socket = await attempt(server, { verify: true, ca: [ca.cert] })
      expect(Reflect.get(socket, 'servername')).toBe(false)
    })

    test.each(['wrong.example', '127.0.0.2'])('the name %s does not verify', async (serverName) => {
      const { ca, server } = await issueCertificates()
      const tried = attempt(server, { serverName, verify: true, ca: [ca.cert] })
      await expect(tried).rejects.toMatchObject({ failure: 'unverified' })
    })

    test('a CA that is not trusted does not verify, unless nobody asks', async () => {
      const { server } = await issueCertificates()
      const tried = attempt(server, { serverName: 'a.example', verify: true })
      await expect(tried).rejects.toMatchObject({ failure: 'unverified' })
      await attempt(server, { verify: false })
    })

    test('a chain may not be longer than the depth', async () => {
      const { ca, deep } = await issueCertificates()
      const tls = { serverName: 'a.example', verify: true, ca: [ca.cert] }
      await attempt(deep, { ...tls, verifyDepth: 1 })
      await expect(attempt(deep, { ...tls, verifyDepth: 0 })).rejects.toMatchObject({
        failure: 'unverified',
      })
    })

    test('a key that does not fit is a failure of its own', async () => {
      const { server, client, ca } = await issueCertificates()
      const certificate = { cert: client.cert, key: ca.key }
      const tried = attempt(server, { verify: false, certificate })
      await expect(tried).rejects.toMatchObject({ failure: 'failed' })
    })

    test('the first bytes are in the clear', async () => {
      const { server } = await issueCertificates()
      const inbound = await accepted()
      const { endpoint, accepted: arrived } = await openUpstream()
      const first = Buffer.from('PROXY UNKNOWN\r\n')
      const dialling = inbound.connect(endpoint, { ...options(), first, tls: { verify: false } })
      const raw = await arrived.take()
      const start = await readSome(raw, first.length)
      expect(String(start.subarray(0, first.length))).toBe(String(first))
      raw.unshift(start.subarray(first.length))
      const upstream = new TLSSocket(raw, { isServer: true, ...server })
      onTestFinished(() => void upstream.destroy())
      const outbound = await dialling
      upstream.write('greeting')
      expect(String((await outbound.peek(8, soon())).bytes)).toBe('greeting')
    })

    test('bytes and half-close pass through it', async () => {
      const { server } = await issueCertificates()
      const gate = await openGate(transport)
      const client = await dial(gate.endpoint)
      const inbound = await gate.accepted.take()
      const { endpoint, sockets } = await openTls(server)
      const outbound = await inbound.connect(endpoint, { ...options(), tls: { verify: false } })
      const relay = inbound.relay(outbound, plainRelay)
      const upstream = await sockets.take()
      client.end('question')
      expect((await readAll(upstream)).toString()).toBe('question')
      upstream.end(Buffer.alloc(300_000, 'answer'))
      expect(await readAll(client)).toHaveLength(300_000)
      expect(await relay.done).toEqual({ by: 'client', how: 'fin' })
    })
  })
}

/** A relay whose upstream is sent these bytes first. */
async function openRelay(transport: Transport, kind: Kind, first: Uint8Array) {
  const gate = await openGate(transport, kind)
  const server = await openUpstream(kind)
  const client = await dial(gate.endpoint)
  const inbound = await gate.accepted.take()
  const outbound = await inbound.connect(server.endpoint, { ...soon(), keepAlive: 60, first })
  const relay = inbound.relay(outbound, plainRelay)
  return { client, relay, upstream: await server.accepted.take() }
}
