import type { TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { balanceOver } from './support/backends.ts'
import { startGateway } from './support/gateway.ts'
import { serveTls, talk, talkTls } from './support/peers.ts'

const selfSigned = (commonName: string) => createSelfSigned({ key: 'ec', commonName, days: 1 })

/** A TLS server that tells the server name that it was asked for, and whose certificate it was shown. */
async function witness(): Promise<number> {
  const pair = await selfSigned('localhost')
  const options = { ...pair, requestCert: true, rejectUnauthorized: false }
  const { port } = await serveTls(options, (socket) => {
    const secure = socket as TLSSocket
    const { subject } = secure.getPeerCertificate() as { subject?: { CN?: string } }
    secure.end(JSON.stringify([secure.servername || null, subject?.CN ?? null]))
  })
  return port
}

test('the server name is host_header of the upstream, else the name of the target; no address is one', async () => {
  const gateway = await startGateway()
  const port = await witness()
  const service = { protocol: 'tls' }
  await balanceOver(gateway, [[`localhost:${port}`, 100]], { service })
  const asked = async () => JSON.parse((await talk(gateway.port, '')).received)[0]
  expect(await asked()).toBe('localhost')
  await gateway.admin('PATCH', '/upstreams/pool.test', { host_header: 'header.test:8443' })
  expect(await asked()).toBe('header.test')
  const targets = '/upstreams/pool.test/targets'
  await gateway.create(targets, { target: `127.0.0.1:${port}` })
  await gateway.admin('DELETE', `${targets}/localhost:${port}`)
  expect(await asked()).toBe('header.test')
  await gateway.admin('PATCH', '/upstreams/pool.test', { host_header: null })
  expect(await asked()).toBe(null)
})

test('the certificate of the service goes before that of the upstream, and that before the node’s', async () => {
  const gateway = await startGateway()
  await balanceOver(gateway, [[`127.0.0.1:${await witness()}`, 100]], {
    service: { protocol: 'tls' },
  })
  const shown = async () => JSON.parse((await talk(gateway.port, '')).received)[1]
  const [ofUpstream, ofService] = await Promise.all(
    ['upstream', 'service'].map(async (name) => {
      return gateway.create('/certificates', await selfSigned(name))
    }),
  )
  expect(await shown()).toBe(null)
  await gateway.admin('PATCH', '/upstreams/pool.test', {
    client_certificate: { id: ofUpstream.id },
  })
  expect(await shown()).toBe('upstream')
  await gateway.admin('PATCH', '/services/pool', { client_certificate: { id: ofService.id } })
  expect(await shown()).toBe('service')
})

test('hashed on the server name, a name always comes to the same target', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '2' } })
  const ports = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => {
      const { port } = await serveTls(await selfSigned(name), (socket) => socket.end(name))
      return port
    }),
  )
  await gateway.create('/upstreams', { name: 'pool.test', hash_on: 'sni' })
  for (const port of ports) {
    await gateway.create('/upstreams/pool.test/targets', { target: `127.0.0.1:${port}` })
  }
  await gateway.create('/services', { name: 's', protocol: 'tcp', host: 'pool.test', port: 1 })
  const route = { protocols: ['tls_passthrough'], snis: ['*.example.com'] }
  await gateway.create('/services/s/routes', route)
  const heard = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const servername = `n${index}.example.com`
      const all = [1, 2, 3].map(() => talkTls(gateway.port, '', { servername }))
      return new Set((await Promise.all(all)).map(({ received }) => received))
    }),
  )
  for (const each of heard) expect(each.size).toBe(1)
  expect(new Set(heard.flatMap((each) => [...each])).size).toBeGreaterThan(1)
})
