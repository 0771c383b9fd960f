import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { startGateway, until } from './support/gateway.ts'
import { hear, serve, serveEcho, serveTls, talk, talkTls } from './support/peers.ts'

test('one port carries plain TCP, TLS that ends here, TLS that passes through, and a server that speaks first', async () => {
  const gateway = await startGateway()
  const echo = await serveEcho()
  const greeter = await serve((socket) => {
    socket.write('220 welcome\r\n')
    socket.on('data', (chunk) => socket.write(`you said ${String(chunk)}`))
    socket.on('end', () => socket.end())
  })
  const inner = await createSelfSigned({ key: 'ec', commonName: 'inner.example', days: 1 })
  const secret = await serveTls(inner, (socket) => socket.pipe(socket))

  await gateway.create('/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}` })
  await gateway.create('/services', { name: 'greeter', url: `tcp://127.0.0.1:${greeter.port}` })
  await gateway.create('/services', { name: 'inner', url: `tcp://127.0.0.1:${secret.port}` })
  await gateway.create('/services/echo/routes', {
    name: 'ends-here',
    protocols: ['tls'],
    snis: ['outer.example'],
  })
  await gateway.create('/services/inner/routes', {
    name: 'passes',
    protocols: ['tls_passthrough'],
    snis: ['inner.example'],
  })
  await gateway.create('/services/greeter/routes', {
    name: 'plain',
    protocols: ['tcp'],
    destinations: [{ port: gateway.port }],
  })

  expect(await talkTls(gateway.port, 'ended here', { servername: 'outer.example' })).toMatchObject({
    received: 'ended here',
  })
  const passed = await talkTls(gateway.port, 'passed', {
    servername: 'inner.example',
    ca: inner.cert,
    rejectUnauthorized: true,
  })
  expect(passed).toMatchObject({ received: 'passed' })
  expect(await talk(gateway.port, 'EHLO')).toEqual({
    received: '220 welcome\r\nyou said EHLO',
    how: 'end',
  })

  const silent = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true })
  const banner = await new Promise((resolve) =>
    silent.once('data', (chunk) => resolve(String(chunk))),
  )
  expect(banner).toBe('220 welcome\r\n')
  silent.end()
  await hear(silent)

  await until(() => gateway.endings().length === 4)
  const byRoute = gateway
    .endings()
    .map(({ route, protocol, ending }) => [route.name, protocol, ending])
  expect(byRoute).toEqual([
    ['ends-here', 'tls', 'client.closed'],
    ['passes', 'tls_passthrough', 'client.closed'],
    ['plain', 'tcp', 'client.closed'],
    ['plain', 'tcp', 'client.closed'],
  ])
})

test('a TLS client that hesitates is routed again, though it was a plain session for a while', async () => {
  const gateway = await startGateway({ settings: { preread_silence: '50ms' } })
  const echo = await serveEcho()
  const silent = await serve(() => undefined)
  await gateway.create('/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}` })
  await gateway.create('/services', { name: 'silent', url: `tcp://127.0.0.1:${silent.port}` })
  await gateway.create('/services/echo/routes', {
    name: 'tls',
    protocols: ['tls'],
    snis: ['late.example'],
  })
  await gateway.create('/services/silent/routes', {
    name: 'plain',
    protocols: ['tcp'],
    destinations: [{ port: gateway.port }],
  })

  const socket = connect(gateway.port, '127.0.0.1')
  await until(() => silent.live.size === 1)
  expect(await talkTls(0, 'late', { socket, servername: 'late.example' })).toMatchObject({
    received: 'late',
  })
  await until(() => gateway.endings().length === 1)
  expect(gateway.endings()[0]).toMatchObject({ route: { name: 'tls' }, ending: 'client.closed' })
})
