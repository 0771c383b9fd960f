import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer, Server as TlsServer } from 'node:tls'
import { mount } from '@kong-ts/pdk/testing'
import { afterEach, expect, test } from 'vitest'
import tcpLog from './index.ts'

interface Receiver {
  readonly port: number
  readonly sockets: Socket[]
  lines(): Record<string, unknown>[]
  close(): Promise<void>
}

const receivers: Receiver[] = []

afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()))
})

async function receive(server: Server = createServer(), port = 0): Promise<Receiver> {
  const sockets: Socket[] = []
  let text = ''
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk) => (text += chunk.toString()))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const receiver: Receiver = {
    port: (server.address() as AddressInfo).port,
    sockets,
    lines: () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
  receivers.push(receiver)
  return receiver
}

test('sends a line for each connection over one kept connection', async () => {
  const server = await receive()
  const plugin = await mount(tcpLog, { host: '127.0.0.1', port: server.port })
  await plugin.connect({ from: '10.0.0.9', bytes: 'hello' })
  await expect.poll(() => server.lines()).toHaveLength(1)
  await plugin.connect({ from: '10.0.0.8' })
  await expect.poll(() => server.lines()).toHaveLength(2)
  expect(server.lines()).toMatchObject([
    { client_ip: '10.0.0.9', session: { received: 5, status: 200 }, ending: 'client.closed' },
    { client_ip: '10.0.0.8' },
  ])
  expect(server.sockets).toHaveLength(1)
  await plugin.unmount()
})

test('teardown sends what waits and ends the connection', async () => {
  const server = await receive()
  const plugin = await mount(tcpLog, { host: '127.0.0.1', port: server.port })
  await Promise.all(Array.from({ length: 500 }, () => plugin.connect()))
  await plugin.unmount()
  await expect.poll(() => server.lines()).toHaveLength(500)
  await expect.poll(() => server.sockets.every((socket) => socket.readableEnded)).toBe(true)
})

test('a connection that the server ended is made again', async () => {
  const server = await receive()
  const plugin = await mount(tcpLog, { host: '127.0.0.1', port: server.port })
  await plugin.connect()
  await expect.poll(() => server.lines()).toHaveLength(1)
  await new Promise((resolve) => server.sockets[0]!.once('close', resolve).end())
  await plugin.connect()
  await expect.poll(() => server.lines()).toHaveLength(2)
  expect(server.sockets).toHaveLength(2)
  await plugin.unmount()
})

test('lines wait for a server that is away, and the outage is logged once', async () => {
  const gone = await receive()
  const { port } = gone
  await gone.close()
  const plugin = await mount(tcpLog, { host: '127.0.0.1', port })
  await plugin.connect()
  await expect.poll(() => plugin.lines.length).toBe(1)
  await plugin.connect()
  const server = await receive(createServer(), port)
  await expect.poll(() => server.lines(), { timeout: 4000 }).toHaveLength(2)
  await plugin.unmount()
  expect(plugin.lines).toMatchObject([
    { level: 'error', fields: { error: expect.stringContaining('ECONNREFUSED') as string } },
    { level: 'warn', message: 'delivering again' },
  ])
})

test('an idle connection is closed after keepalive', async () => {
  const server = await receive()
  const plugin = await mount(tcpLog, { host: '127.0.0.1', port: server.port, keepalive: 20 })
  await plugin.connect()
  await expect.poll(() => server.sockets[0]?.readableEnded).toBe(true)
  await plugin.connect()
  await expect.poll(() => server.lines()).toHaveLength(2)
  await plugin.unmount()
})

test('a server that never reads does not hold a teardown for ever', async () => {
  const deaf = createServer((socket) => socket.pause())
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve))
  const { port } = deaf.address() as AddressInfo
  const sockets: Socket[] = []
  deaf.on('connection', (socket) => sockets.push(socket.on('error', () => {})))
  const plugin = await mount(tcpLog, { host: '127.0.0.1', port, timeout: 50 })
  const route = { name: 'x'.repeat(100_000) }
  for (let count = 0; count < 200; count++) await plugin.connect({ route })
  await plugin.unmount()
  expect(plugin.lines.at(-1)).toMatchObject({
    level: 'error',
    message: expect.stringMatching(/entries were dropped/) as string,
  })
  for (const socket of sockets) socket.destroy()
  deaf.close()
}, 15_000)

test('TLS is verified unless it is switched off', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tcp-log-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const request = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
  ]
  execFileSync(
    'openssl',
    [...request, '-subj', '/CN=logs.example', '-days', '2', '-keyout', key, '-out', cert],
    {
      stdio: 'ignore',
    },
  )
  const names: (string | false | null)[] = []
  const tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
    names.push(socket.servername)
  })
  rmSync(folder, { recursive: true })
  const server = await receive(tls)
  const config = { host: '127.0.0.1', port: server.port, tls: true, tls_sni: 'logs.example' }

  const strict = await mount(tcpLog, config)
  await strict.connect()
  await expect.poll(() => strict.lines.length).toBe(1)
  expect(strict.lines[0]!.fields['error']).toMatch(/self-signed/)
  expect(server.lines()).toEqual([])

  const lax = await mount(tcpLog, { ...config, tls_verify: false })
  await lax.connect({ from: '10.0.0.9' })
  await expect.poll(() => server.lines()).toMatchObject([{ client_ip: '10.0.0.9' }])
  expect(names).toContain('logs.example')
  await Promise.all([strict.unmount(), lax.unmount()])
}, 15_000)

test.each([
  [{}, 'host: required field missing; port: required field missing'],
  [{ host: 'a:1', port: 1 }, 'host: must not have a port'],
  [{ host: 'a', port: 70_000 }, 'port: value should be between 0 and 65535'],
])('%j is refused', async (input, message) => {
  await expect(mount(tcpLog, input as { host: string; port: number })).rejects.toThrow(message)
})
