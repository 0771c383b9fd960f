import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { writeProxyHeader } from '../../core/src/routing/proxy-header/write-header.ts'
import { until } from './support/gateway.ts'
import { serve } from './support/peers.ts'
import { startWithPlugins } from './support/with-plugins.ts'

const make = (commonName: string, more: object = {}) =>
  createSelfSigned({ key: 'ec', commonName, days: 1, ...more })

/** Tells in each phase what it knows of the client. */
const teller = `
  schema: { type: 'object', properties: { ca: { type: 'string' } }, required: ['ca'] },
  phases: {
    preread: ({ client, listener, proxy, protocol, hello }, { log }) =>
      log.info({ facts: { client, listener, proxy, protocol, hello } }, 'in preread'),
    tls: (_conn, { config }) =>
      terminate({ clientCertificate: { required: true, ca: [config.ca] }, alpn: ['postgresql'] }),
    balance: ({ tls }, { log }) => log.info({ facts: { tls } }, 'in balance'),
    log: ({ client, proxy, hello, tls }, { log }) =>
      log.info({ facts: { client, proxy, hello, tls } }, 'in log'),
  },
`

test.each(['native', 'portable'])(
  'everything that is known of a client (%s)',
  async (transport) => {
    const authority = await make('authority', { ca: true })
    const certificate = await make('alice', {
      issuer: authority,
      names: ['alice.example', '10.0.0.1'],
      subject: { O: 'Bank' },
    })
    const gateway = await startWithPlugins(
      { teller },
      {
        settings: {
          transport,
          log_level: 'info',
          stream_listen: '127.0.0.1:0 proxy_protocol',
          trusted_ips: '127.0.0.1',
        },
      },
    )
    const upstream = await serve((socket) => void socket.end('served'))
    await gateway.create('/services', { name: 'up', url: `tcp://127.0.0.1:${upstream.port}` })
    const route = { name: 'db', protocols: ['tls'], snis: ['db.example'] }
    await gateway.create('/services/up/routes', route)
    const config = { ca: authority.cert }
    await gateway.create('/routes/db/plugins', { name: 'teller', config })

    const socket = connect(gateway.port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    const peer = { address: '127.0.0.1', port: socket.localPort }
    socket.write(
      writeProxyHeader('v2', {
        addresses: {
          source: { address: '192.0.2.7', port: 4711 },
          destination: { address: '198.51.100.1', port: 443 },
        },
        tlvs: { authority: 'outer.example', uniqueId: Buffer.from('one'), alpn: 'h2' },
      }),
    )
    const client = connectTls({
      socket,
      servername: 'DB.example',
      ALPNProtocols: ['h2', 'postgresql'],
      rejectUnauthorized: false,
      ...certificate,
    })
    client.resume()
    await until(() => gateway.output().includes('in log'))
    expect(client.alpnProtocol).toBe('postgresql')

    const told = (phase: string): Record<string, unknown> => {
      const line = gateway.output().match(new RegExp(`^.*"in ${phase}".*$`, 'm'))?.[0] ?? '{}'
      return JSON.parse(line).facts
    }
    const before = {
      client: { address: '192.0.2.7', port: 4711 },
      proxy: {
        version: 2,
        peer,
        destination: { address: '198.51.100.1', port: 443 },
        tlvs: { authority: 'outer.example', alpn: 'h2', uniqueId: expect.anything() },
      },
      hello: {
        serverName: 'db.example',
        alpn: ['h2', 'postgresql'],
        ja4: expect.stringMatching(/^t13d\d{4}h2_[0-9a-f]{12}_[0-9a-f]{12}$/),
        ja3: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    }
    const tls = {
      version: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      alpn: 'postgresql',
      clientCertificate: {
        verified: true,
        subject: 'CN=alice,O=Bank',
        names: ['DNS:alice.example', 'IP Address:10.0.0.1'],
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        pem: certificate.cert,
      },
    }
    const listener = { address: '127.0.0.1', port: gateway.port }
    expect(told('preread')).toEqual({ ...before, listener, protocol: 'tls' })
    expect(told('balance')).toEqual({ tls })
    expect(told('log')).toEqual({ ...before, tls })
  },
)
