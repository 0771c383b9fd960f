import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { StreamSink } from './stream-sink.ts'

const patient = new AbortController().signal
const rest = { host: '127.0.0.1', keepalive: 0 } as const

test('a connect that is refused says so', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const connection = new StreamSink({ ...rest, port, timeout: 1000 })
  await expect(connection.write('x\n', patient)).rejects.toThrow('ECONNREFUSED')
})

test('a handshake that nobody answers ends in time, and so does one that is not wanted any more', async () => {
  const silent = createServer((socket) => socket.on('error', () => {}))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as AddressInfo
  const hasty = new StreamSink({ ...rest, port, tls: { tls_verify: true }, timeout: 20 })
  await expect(hasty.write('x\n', patient)).rejects.toThrow('timed out')
  const stop = new AbortController()
  const endless = new StreamSink({ ...rest, port, tls: { tls_verify: true }, timeout: 0 })
  const writing = endless.write('x\n', stop.signal)
  stop.abort()
  await expect(writing).rejects.toThrow('timed out')
  silent.close()
})
