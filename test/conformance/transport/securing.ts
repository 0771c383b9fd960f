import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readlink } from 'node:fs/promises'
import { Duplex } from 'node:stream'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import type {
  Inbound,
  Secured,
  ServerTls,
  Transport,
} from '../../../core/src/transport/transport.ts'
import { issueCertificates } from './certificates.ts'
import {
  dial,
  endOf,
  fill,
  openGate,
  openUpstream,
  plainRelay,
  readAll,
  readSome,
  soon,
} from './harness.ts'
import { SplitClient } from './split-client.ts'
import { serverTls } from './tls-path.ts'

export function securing(transport: Transport): void {
  const open = async (options: ConnectionOptions = {}) => {
    const gate = await openGate(transport)
    const socket = await dial(gate.endpoint)
    const client = connectTls({ socket, rejectUnauthorized: false, ...options })
    client.on('error', () => {})
    onTestFinished(() => {
      client.destroy()
    })
    return { gate, socket, client, inbound: await gate.accepted.take() }
  }

  const handshake = async (client: ConnectionOptions = {}, server: Partial<ServerTls> = {}) => {
    const opened = await open(client)
    const [secured] = await Promise.all([
      opened.inbound.secure(await serverTls(server), soon()),
      once(opened.client, 'secureConnect'),
    ])
    return { ...opened, secured }
  }

  /** The secured connection in front of an upstream that is plain. */
  const forward = async (secured: Secured, inbound: Inbound) => {
    const server = await openUpstream()
    const outbound = await inbound.connect(server.endpoint, { ...soon(), keepAlive: 0 })
    const relay = secured.relay(outbound, plainRelay)
    return { relay, upstream: await server.accepted.take() }
  }

  test('the facts of a handshake', async () => {
    const { secured } = await handshake(
      { servername: 'a.example', ALPNProtocols: ['h2', 'x'], maxVersion: 'TLSv1.2' },
      { alpn: ['x'] },
    )
    expect(secured.serverName).toBe('a.example')
    expect(secured.tls.version).toBe('TLSv1.2')
    expect(secured.tls.cipher).toMatch(/^TLS_ECDHE_ECDSA_WITH_/)
    expect(secured.tls.alpn).toBe('x')
    expect(secured.tls.clientCertificate).toBeUndefined()
    expect(secured.remote.address).toBe('127.0.0.1')
  })

  test('without SNI and ALPN there are none', async () => {
    const { secured } = await handshake({ ALPNProtocols: ['h2'] })
    expect(secured.serverName).toBeUndefined()
    expect(secured.tls).toEqual({ version: 'TLSv1.3', cipher: expect.stringMatching(/^TLS_/) })
  })

  test('a handshake survives a split of the first flight at every byte', async () => {
    const gate = await openGate(transport)
    const options = await serverTls()
    const length = await flightLength()
    for (let offset = 0; offset <= length; offset += 1) {
      const socket = await dial(gate.endpoint)
      const carrier = new SplitClient(socket, offset)
      const client = connectTls({ socket: carrier, rejectUnauthorized: false, ecdhCurve: 'P-256' })
      client.on('error', () => {})
      const inbound = await gate.accepted.take()
      await inbound.peek(offset, soon())
      const handshaking = inbound.secure(options, soon())
      setImmediate(() => carrier.release())
      const secured = await handshaking
      client.write('through')
      const { bytes } = await secured.peek(7, soon())
      expect(Buffer.from(bytes).toString(), `offset ${offset}`).toBe('through')
      secured.reset()
      client.destroy()
      socket.destroy()
    }
  })

  test('bytes of the first flight after the handshake are not lost', async () => {
    const { client, secured, inbound } = await handshake()
    client.end('early')
    expect(Buffer.from((await secured.peek(3, soon())).bytes).toString()).toBe('early')
    const { relay, upstream } = await forward(secured, inbound)
    expect((await readAll(upstream)).toString()).toBe('early')
    upstream.end(Buffer.alloc(300_000))
    expect(await readAll(client)).toHaveLength(300_000)
    expect(await relay.done).toEqual({ by: 'client', how: 'fin' })
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('half-close and bulk through %s', async (version) => {
    const { client, secured, inbound } = await handshake({ maxVersion: version })
    const { relay, upstream } = await forward(secured, inbound)
    upstream.end(Buffer.alloc(3_000_000, 'down'))
    expect(await readAll(client)).toHaveLength(3_000_000)
    client.end(Buffer.alloc(3_000_000, 'up'))
    expect(await readAll(upstream)).toHaveLength(3_000_000)
    expect(await relay.done).toEqual({ by: 'upstream', how: 'fin' })
  })

  test('a TLS client that never reads costs a bounded amount', { timeout: 30_000 }, async () => {
    const { secured, inbound } = await handshake()
    const { relay, upstream } = await forward(secured, inbound)
    expect(await fill(upstream, 256 * 1024 * 1024)).toBeLessThan(32 * 1024 * 1024)
    expect(relay.bytes.upstreamReceived).toBeLessThan(16 * 1024 * 1024)
    relay.stop('rst')
    expect(await relay.done).toEqual({ by: 'gateway', how: 'stopped' })
  })

  test.runIf(process.platform === 'linux')('no descriptor is left behind', async () => {
    const before = await descriptors()
    const endings = ['end', 'reset', 'fin', 'rst', 'client', 'unsecured'] as const
    for (const ending of endings) {
      const { client, socket, secured, inbound } = await handshake()
      if (ending === 'end') secured.end(Buffer.from('x'))
      else if (ending === 'reset') secured.reset()
      else {
        const { relay, upstream } = await forward(secured, inbound)
        if (ending === 'client') client.end()
        else if (ending === 'unsecured') socket.destroy()
        else relay.stop(ending)
        upstream.on('end', () => upstream.end()).resume()
        await relay.done
        upstream.destroy()
      }
      client.destroy()
      socket.destroy()
    }
    // Each case leaves its two listeners, or one, until the test is over.
    await expect.poll(descriptors, { timeout: 5000 }).toBeLessThanOrEqual(before + 10)
  })

  test('resets pass through TLS', async () => {
    const one = await handshake()
    const first = await forward(one.secured, one.inbound)
    one.client.write('x')
    await readSome(first.upstream, 1)
    one.socket.resetAndDestroy()
    expect(await endOf(first.upstream)).toBe('reset')
    expect(await first.relay.done).toEqual({ by: 'client', how: 'reset' })
    const two = await handshake()
    const second = await forward(two.secured, two.inbound)
    second.upstream.resetAndDestroy()
    expect(await second.relay.done).toEqual({ by: 'upstream', how: 'reset' })
    expect(await endOf(two.client)).toBe('reset')
  })

  test('a farewell is encrypted, and closed in order', async () => {
    const { client, secured } = await handshake()
    client.write(Buffer.alloc(10_000))
    secured.end(Buffer.from('go away'))
    expect((await readAll(client)).toString()).toBe('go away')
  })

  test('a broken record ends a session', async () => {
    const { client, socket, secured, inbound } = await handshake()
    const { relay, upstream } = await forward(secured, inbound)
    client.write('x')
    await readSome(upstream, 1)
    // Written below TLS: a record of application data that nobody has encrypted.
    socket.write(Buffer.concat([Buffer.from([23, 3, 3, 0, 32]), Buffer.alloc(32)]))
    expect(await relay.done).toMatchObject({ by: 'client', how: 'reset' })
  })

  test('the facts of a client certificate', async () => {
    const { client } = await issueCertificates()
    const { secured } = await handshake({ ...client }, { clientCertificate: 'required' })
    const { fingerprint256 } = new X509Certificate(client.cert)
    expect(secured.tls.clientCertificate).toEqual({
      verified: true,
      subject: String.raw`CN=client\, one,O=Bank,C=DE`,
      names: ['DNS:client.example', 'IP Address:10.0.0.1'],
      fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
      pem: expect.stringContaining('BEGIN CERTIFICATE'),
    })
  })

  test('an optional certificate may be missing or bad', async () => {
    const none = await handshake({}, { clientCertificate: 'optional' })
    expect(none.secured.tls.clientCertificate).toBeUndefined()
    const { stranger } = await issueCertificates()
    const bad = await handshake({ ...stranger }, { clientCertificate: 'optional' })
    expect(bad.secured.tls.clientCertificate).toMatchObject({
      verified: false,
      failure: expect.stringMatching(/SELF_SIGNED|UNABLE/),
    })
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a required certificate refuses the others (%s)',
    async (maxVersion) => {
      const { stranger } = await issueCertificates()
      for (const certificate of [{}, stranger]) {
        const { inbound, client } = await open({ ...certificate, maxVersion })
        const secured = inbound.secure(await serverTls({ clientCertificate: 'required' }), soon())
        await expect(secured).rejects.toMatchObject({ failure: 'handshake' })
        // With TLS 1.3 the client believes that all is well until it reads.
        expect(await endOf(client)).toMatch(/fin|reset/)
      }
    },
  )

  test('a resumed session has the facts of the first', async () => {
    const { client: certificate } = await issueCertificates()
    const options = await serverTls({ clientCertificate: 'required' })
    const first = await handshake({ ...certificate }, options)
    const ticket = once(first.client, 'session')
    first.secured.end(Buffer.from('bye'))
    const [session] = await ticket
    await readAll(first.client)
    const again = await handshake({ ...certificate, session }, options)
    expect(again.client.isSessionReused()).toBe(true)
    expect([first.secured.tls.resumed, again.secured.tls.resumed]).toEqual([undefined, true])
    expect(again.secured.tls.clientCertificate?.verified).toBe(true)
    expect(again.secured.tls.clientCertificate).toEqual(first.secured.tls.clientCertificate)
  })

  test('no protocol in common is a failed handshake', async () => {
    const { inbound } = await open({ ALPNProtocols: ['h2'] })
    const secured = inbound.secure(await serverTls({ alpn: ['x'] }), soon())
    await expect(secured).rejects.toMatchObject({ failure: 'handshake' })
  })

  test('what is not TLS fails with a reason', async () => {
    const gate = await openGate(transport)
    const client = await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    client.write('GET / HTTP/1.1\r\n\r\n')
    await inbound.peek(1, soon())
    const secured = inbound.secure(await serverTls(), soon())
    await expect(secured).rejects.toMatchObject({
      failure: 'handshake',
      message: expect.stringMatching(/\w+/),
    })
  })

  test('silence, leaving, a reset and a cancel during a handshake', async () => {
    const options = await serverTls()
    const gate = await openGate(transport)
    const cases: [(client: Awaited<ReturnType<typeof dial>>) => unknown, string][] = [
      [(client) => client.write(Buffer.from([22, 3, 1])), 'timeout'],
      [(client) => client.end(Buffer.from([22, 3, 1])), 'closed'],
      [(client) => client.resetAndDestroy(), 'reset'],
    ]
    for (const isPeeked of [false, true]) {
      for (const [act, failure] of cases) {
        const client = await dial(gate.endpoint)
        const inbound = await gate.accepted.take()
        if (isPeeked) {
          act(client)
          await inbound.peek(1, soon()).catch(() => {})
        }
        const secured = inbound.secure(options, soon(failure === 'timeout' ? 100 : 20_000))
        if (!isPeeked) act(client)
        await expect(secured, failure).rejects.toMatchObject({ failure })
        expect(inbound.closed).toBe(true)
      }
    }
    const controller = new AbortController()
    await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    const secured = inbound.secure(options, { deadline: Infinity, signal: controller.signal })
    controller.abort()
    await expect(secured).rejects.toMatchObject({ failure: 'cancelled' })
  })

  test('it is relayed to an upstream that was connected before it came', async () => {
    const server = await openUpstream()
    const outbound = await transport.connect(server.endpoint, { ...soon(), keepAlive: 0 })
    const upstream = await server.accepted.take()
    const { secured, client } = await handshake()
    const relay = secured.relay(outbound, plainRelay)
    client.end('ping')
    expect((await readAll(upstream)).toString()).toBe('ping')
    upstream.end('pong')
    expect((await readAll(client)).toString()).toBe('pong')
    expect((await relay.done).how).toBe('fin')
  })
}

/** How many sockets this process has. */
async function descriptors(): Promise<number> {
  const folder = '/proc/self/fd'
  const links = (await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => ''))
  return (await Promise.all(links)).filter((link) => link.startsWith('socket:')).length
}

/** How long the ClientHello of a test client is. */
async function flightLength(): Promise<number> {
  return new Promise((resolve) => {
    const carrier = new Duplex({
      read() {},
      write(chunk: Buffer) {
        resolve(chunk.length)
      },
    })
    const client: TLSSocket = connectTls({ socket: carrier, ecdhCurve: 'P-256' })
    client.on('error', () => {})
  })
}
