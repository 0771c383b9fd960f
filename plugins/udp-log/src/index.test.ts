import { createSocket } from 'node:dgram'
import { mount } from '@kong-ts/pdk/testing'
import { expect, onTestFinished, test } from 'vitest'
import udpLog from './index.ts'

async function receive() {
  const socket = createSocket('udp4')
  const datagrams: string[] = []
  socket.on('message', (message) => datagrams.push(message.toString()))
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => void socket.close())
  return { port: socket.address().port, datagrams }
}

test('a connection is a datagram of JSON, without a line end', async () => {
  const { port, datagrams } = await receive()
  const plugin = await mount(udpLog, { host: '127.0.0.1', port })
  await plugin.connect({ from: '10.0.0.9', bytes: 'hello' })
  await plugin.connect({ from: '10.0.0.8' })
  await plugin.unmount()
  await expect.poll(() => datagrams).toHaveLength(2)
  expect(datagrams.join('')).not.toContain('\n')
  expect(datagrams.map((text) => JSON.parse(text) as unknown)).toMatchObject([
    { client_ip: '10.0.0.9', session: { received: 5, status: 200 }, ending: 'client.closed' },
    { client_ip: '10.0.0.8' },
  ])
  expect(plugin.lines).toEqual([])
})

test('custom fields are in it', async () => {
  const { port, datagrams } = await receive()
  const custom_fields = { env: "'prod'", client_ip: 'null', 'session.total': 'session.sent + 1' }
  const plugin = await mount(udpLog, { host: '127.0.0.1', port, custom_fields })
  await plugin.connect()
  await plugin.unmount()
  await expect.poll(() => datagrams).toHaveLength(1)
  const record = JSON.parse(datagrams[0]!) as Record<string, unknown>
  expect(record).toMatchObject({ env: 'prod', session: { total: 1 } })
  expect(record).not.toHaveProperty('client_ip')
})

test('what is too large for a datagram is counted, logged, and no trouble for the next', async () => {
  const { port, datagrams } = await receive()
  const plugin = await mount(udpLog, { host: '127.0.0.1', port })
  await plugin.connect({ route: { name: 'x'.repeat(70_000) } })
  await plugin.connect({ from: '10.0.0.8' })
  await plugin.unmount()
  await expect.poll(() => datagrams).toHaveLength(1)
  expect(plugin.lines.at(-1)).toMatchObject({
    level: 'error',
    fields: { dropped: 1 },
    message: expect.stringContaining('too large for a datagram') as string,
  })
})

test.each([
  [{}, 'host: required field missing; port: required field missing'],
  [{ host: 'a', port: 1, timeout: -1 }, 'timeout: value should be between 0 and 2147483646'],
  [
    { host: 'a', port: 1, custom_fields: { x: '1 +' } },
    'custom_fields.x: not an expression: Unexpected token: EOF (at character 4)',
  ],
  [
    { host: 'a', port: 1, custom_fields_by_lua: { x: 'return 1' } },
    'custom_fields_by_lua.x: Lua is not run here; write an expression in custom_fields',
  ],
])('%j is refused', async (input, message) => {
  await expect(mount(udpLog, input as { host: string; port: number })).rejects.toThrow(message)
})
