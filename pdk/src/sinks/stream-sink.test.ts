import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { StreamSink } from './stream-sink.ts'
import type { StreamDestination } from './stream-sink.ts'
import { logTo } from '../testing/log-lines.ts'
import type { Line } from '../testing/log-lines.ts'

const patient = new AbortController().signal
const lines: Line[] = []
const rest = { host: '127.0.0.1', keepalive: 0, log: logTo(lines) }

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

/** A server that keeps what it reads; `greet` is called for each connection. */
async function serve(greet: (socket: Socket, serial: number) => void = () => {}) {
  const sockets: Socket[] = []
  let text = ''
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on('error', () => {}).on('data', (chunk) => (text += String(chunk))))
    greet(socket, sockets.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, sockets, text: () => text }
}

function sinkTo(port: number, more: Partial<StreamDestination> = {}) {
  const told: Line[] = []
  const sink = new StreamSink({ ...rest, port, timeout: 5000, log: logTo(told), ...more })
  onTestFinished(() => sink.close())
  return { sink, told }
}

test('a server that breaks the connection off after it took something is told of', async () => {
  const { port, sockets, text } = await serve()
  const { sink, told } = sinkTo(port)
  await sink.write('one\n', patient)
  await expect.poll(text).toBe('one\n')
  sockets[0]?.resetAndDestroy()
  await expect.poll(() => told).toHaveLength(1)
  expect(told).toMatchObject([
    {
      level: 'warn',
      fields: { error: `127.0.0.1:${port}: read ECONNRESET` },
      message: expect.stringContaining('may be lost') as string,
    },
  ])
  await sink.write('two\n', patient)
  await expect.poll(text).toBe('one\ntwo\n')
  sockets[1]?.resetAndDestroy()
  await expect.poll(() => sink.write('more\n', patient).then(() => sockets.length)).toBe(3)
  expect(told).toHaveLength(1)
})

test('a server that breaks off while it is written to may have lost what it took before', async () => {
  const { port } = await serve((socket) =>
    socket.once('data', () => socket.pause().once('readable', () => socket.resetAndDestroy())),
  )
  const { sink, told } = sinkTo(port)
  await sink.write('one\n', patient)
  await expect(sink.write('x'.repeat(50_000_000), patient)).rejects.toThrow(`127.0.0.1:${port}: `)
  await expect.poll(() => told).toHaveLength(1)
})

test('a server that closes in order is connected anew, and no reason to worry', async () => {
  const { port, sockets, text } = await serve((socket, serial) => {
    if (serial === 1) socket.once('data', () => socket.end('bye'))
  })
  const { sink, told } = sinkTo(port)
  await sink.write('one\n', patient)
  await expect.poll(() => sockets[0]?.readableEnded).toBe(true)
  await sink.write('two\n', patient)
  await expect.poll(text).toBe('one\ntwo\n')
  expect(told).toEqual([])
})

test('a server that closes mid-way has taken nothing for certain', async () => {
  const { port } = await serve((socket) =>
    socket.pause().once('readable', () => socket.resetAndDestroy()),
  )
  const { sink } = sinkTo(port)
  const large = 'x'.repeat(50_000_000)
  await expect(sink.write(large, patient)).rejects.toThrow(
    new RegExp(
      `^127\\.0\\.0\\.1:${port}: (write|read) (ECONNRESET|EPIPE)|the connection was closed`,
    ),
  )
})

test('what a server answers is read and thrown away', async () => {
  const { port, text } = await serve((socket) => socket.write('garbage'.repeat(100_000)))
  const { sink, told } = sinkTo(port)
  for (const line of ['one\n', 'two\n']) await sink.write(line, patient)
  await expect.poll(text).toBe('one\ntwo\n')
  expect(told).toEqual([])
})

test('an idle connection is closed, also when the server does not end its side', async () => {
  const { port, sockets } = await serve()
  const { sink } = sinkTo(port, { keepalive: 20 })
  await sink.write('one\n', patient)
  await expect.poll(() => sockets[0]?.readableEnded).toBe(true)
  // It hears that nobody is there any more as soon as it says something.
  await expect
    .poll(() => {
      sockets[0]?.write('x')
      return sockets[0]?.destroyed
    })
    .toBe(true)
})

test('a server that is slow, but goes on, is not given up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  let read = 0
  // More than the system keeps for a connection, so that the writer goes on whenever so much was read.
  const step = 16_000_000
  const steps = 6
  const { port } = await serve((socket) => {
    socket.pause().on('data', ({ length }) => {
      const before = read
      read += length
      if (Math.floor(read / step) === Math.floor(before / step)) return
      socket.pause()
      setImmediate(() => {
        vi.advanceTimersByTime(600)
        socket.resume()
      })
    })
    socket.resume()
  })
  const { sink } = sinkTo(port, { timeout: 1000 })
  await expect(sink.write('x'.repeat(step * steps), patient)).resolves.toBeUndefined()
})
