import { once } from 'node:events'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { captureNode } from '../../core/src/routing/hello.fixture.ts'
import { startGateway, type RunningGateway } from './support/gateway.ts'
import { serveEcho, talk, talkTls } from './support/peers.ts'
import { follow } from './support/with-plugins.ts'

const certify = (commonName: string) =>
  createSelfSigned({ key: 'ec', commonName, names: [commonName], days: 1 })

async function dial(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

async function shown(gateway: RunningGateway, servername?: string): Promise<unknown> {
  const socket = await dial(gateway.port, servername === undefined ? {} : { servername })
  const { CN } = socket.getPeerCertificate().subject
  socket.end()
  return CN
}

async function echoing(): Promise<RunningGateway> {
  const gateway = await startGateway()
  const echo = await serveEcho()
  await gateway.create('/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}` })
  await gateway.create('/services/echo/routes', {
    name: 'any',
    protocols: ['tls'],
    sources: [{ ip: '127.0.0.0/8' }],
  })
  return gateway
}

test('certificates follow their names: exact, then the wildcards, then the generated default', async () => {
  const gateway = await echoing()
  const add = async (snis: string[]) => {
    const { cert, key } = await certify(snis[0]?.replaceAll('*', 'any') ?? '')
    return gateway.create('/certificates', { cert, key, snis })
  }
  await add(['one.example.com'])
  await add(['*.example.com'])
  await add(['example.*'])
  expect(await shown(gateway, 'one.example.com')).toBe('one.example.com')
  expect(await shown(gateway, 'two.example.com')).toBe('any.example.com')
  expect(await shown(gateway, 'example.org')).toBe('example.any')
  const other = await shown(gateway, 'other.test')
  expect(await shown(gateway)).toBe(other)
  expect(['one.example.com', 'any.example.com', 'example.any']).not.toContain(other)
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)('a %s session with a name resumes', async (version) => {
  const gateway = await echoing()
  const options = { servername: 'a.example', maxVersion: version }
  const first = await dial(gateway.port, options)
  first.write('x')
  // What comes back comes after the ticket.
  await once(first, 'data')
  const session = first.getSession()
  const again = await dial(gateway.port, { ...options, ...(session && { session }) })
  expect(again.isSessionReused()).toBe(true)
  again.write('once more')
  expect(String((await once(again, 'data'))[0])).toBe('once more')
})

test('a certificate is replaced, and a name moves, while a session goes on', async () => {
  const gateway = await echoing()
  const [one, two] = await Promise.all([certify('one'), certify('two')])
  const { id } = await gateway.create('/certificates', { ...one, snis: ['a.example'] })
  const session = await dial(gateway.port, { servername: 'a.example' })
  const say = async (text: string) => {
    session.write(text)
    const [chunk] = await once(session, 'data')
    return String(chunk)
  }
  expect(await say('before')).toBe('before')

  expect((await gateway.admin('PATCH', `/certificates/${id}`, two)).status).toBe(200)
  expect(await shown(gateway, 'a.example')).toBe('two')
  const other = await gateway.create('/certificates', one)
  expect(
    (await gateway.admin('PATCH', '/snis/a.example', { certificate: { id: other.id } })).status,
  ).toBe(200)
  expect(await shown(gateway, 'a.example')).toBe('one')
  expect((await gateway.admin('PATCH', `/certificates/${id}`, { key: one.key })).status).toBe(400)
  expect((await gateway.admin('DELETE', '/snis/a.example')).status).toBe(204)
  expect(['one', 'two']).not.toContain(await shown(gateway, 'a.example'))
  expect(session.getPeerCertificate().subject.CN).toBe('one')
  expect(await say('after')).toBe('after')
})

test('a handshake that fails or never comes to its end is closed, and the log says which', async () => {
  const gateway = await startGateway({ settings: { tls_handshake_timeout: '200ms' } })
  const lines = await follow(gateway)
  await gateway.create('/services', { name: 's', url: 'tcp://127.0.0.1:1' })
  await gateway.create('/services/s/routes', { protocols: ['tls'], snis: ['a.example'] })
  const old = await talkTls(gateway.port, '', {
    servername: 'a.example',
    ciphers: 'NULL-SHA256@SECLEVEL=0',
    maxVersion: 'TLSv1.2',
    minVersion: 'TLSv1.2',
  })
  expect(old.received).toBe('')
  await talk(gateway.port, await captureNode({ servername: 'a.example' }), { halfClose: false })
  const endings = await lines(2)
  expect(endings.map(({ ending }) => ending)).toEqual([
    'client.tls.handshake_failed',
    'client.tls.handshake_timeout',
  ])
})
