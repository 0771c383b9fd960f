import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { mount } from '@kong-ts/pdk/testing'
import { expect, onTestFinished, test } from 'vitest'
import syslog from './index.ts'

async function receive() {
  const socket = createSocket('udp4')
  const messages: string[] = []
  socket.on('message', (message) => messages.push(message.toString()))
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => void socket.close())
  return { port: socket.address().port, messages }
}

test('a connection is a message of RFC 5424', async () => {
  const { port, messages } = await receive()
  const plugin = await mount(syslog, { port, facility: 'local0', app_name: 'gateway' })
  await plugin.connect({ from: '10.0.0.9' })
  await plugin.unmount()
  await expect.poll(() => messages).toHaveLength(1)
  const [, header, text] = /^(.*?) (\{.*\})$/s.exec(messages[0]!)!
  expect(header).toMatch(
    new RegExp(`^<134>1 2026-01-01T00:00:00\\.000Z \\S+ gateway ${process.pid} connection -$`),
  )
  expect(JSON.parse(text!)).toMatchObject({ client_ip: '10.0.0.9', ending: 'client.closed' })
})

test('the severity is that of the status, and what is below the level is left out', async () => {
  const { port, messages } = await receive()
  const plugin = await mount(syslog, {
    port,
    log_level: 'warning',
    successful_severity: 'notice',
    server_errors_severity: 'crit',
  })
  await plugin.connect()
  await plugin.connect({ failing: ['upstream:80'] })
  await plugin.unmount()
  await expect.poll(() => messages).toHaveLength(1)
  expect(messages[0]).toMatch(/^<10>1 .*"ending":"upstream\.connect\.refused"/)
})

test('over tcp what waits for a server that is away arrives once it is there', async () => {
  const gone = createServer()
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
  const { port } = gone.address() as AddressInfo
  await new Promise((resolve) => gone.close(resolve))
  const plugin = await mount(syslog, { port, protocol: 'tcp' })
  await plugin.connect({ from: '10.0.0.9' })
  await expect.poll(() => plugin.lines.length).toBe(1)
  let received = ''
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('data', (chunk) => (received += chunk.toString())))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await expect.poll(() => received, { timeout: 5000 }).toMatch(/^\d+ <14>1 .*"10\.0\.0\.9"/)
  await plugin.unmount()
  expect(plugin.lines).toMatchObject([
    { level: 'error', fields: { error: expect.stringContaining('ECONNREFUSED') as string } },
    { message: 'delivering again' },
  ])
})

test('Kong’s configuration is enough, and stands for the machine itself', async () => {
  const plugin = await mount(syslog, {})
  expect(plugin.config).toMatchObject({
    host: '127.0.0.1',
    protocol: 'udp',
    facility: 'user',
    log_level: 'info',
    successful_severity: 'info',
    client_errors_severity: 'info',
    server_errors_severity: 'info',
  })
  await plugin.unmount()
})

test.each([
  [{ facility: 'local8' }, /^plugin syslog: facility: expected one of: kern, user/],
  [{ log_level: 'error' }, /^plugin syslog: log_level: expected one of: emerg, alert/],
  [{ app_name: 'a b' }, 'app_name: invalid value: a b'],
  [{ protocol: 'dtls' }, 'protocol: expected one of: udp, tcp, tls'],
  [{ tls_ca: '/etc/ca.pem' }, 'tls_ca: no certificate in PEM'],
])('%j is refused', async (input, message) => {
  await expect(mount(syslog, input as object)).rejects.toThrow(message)
})
