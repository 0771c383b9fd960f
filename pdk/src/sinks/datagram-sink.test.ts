import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { expect, onTestFinished, test } from 'vitest'
import { DatagramSink } from './datagram-sink.ts'

const patient = new AbortController().signal

function sinkTo(host: string, port: number) {
  const sink = new DatagramSink({ host, port, timeout: 5000 })
  onTestFinished(() => sink.close())
  return sink
}

async function receive(address = '127.0.0.1') {
  const socket = createSocket(address === '::1' ? 'udp6' : 'udp4')
  const received: string[] = []
  socket.on('message', (message) => received.push(message.toString()))
  await new Promise<void>((resolve) => socket.bind(0, address, resolve))
  let isOpen = true
  const close = () => new Promise<void>((resolve) => socket.close(() => resolve()))
  onTestFinished(() => (isOpen ? close() : undefined))
  return {
    port: socket.address().port,
    received,
    close: () => {
      isOpen = false
      return close()
    },
  }
}

test.each(['127.0.0.1', '::1', 'localhost'])('datagrams reach %s, one each', async (host) => {
  const server = await receive((await lookup(host)).address)
  const sink = sinkTo(host, server.port)
  expect(await sink.send(['one', 'two'], patient)).toEqual([])
  expect(await sink.send(['drei, größer'], patient)).toEqual([])
  await expect.poll(() => server.received).toEqual(['one', 'two', 'drei, größer'])
})

test('what is too large for a datagram is lost alone', async () => {
  const server = await receive()
  const sink = sinkTo('127.0.0.1', server.port)
  const why = `too large for a datagram to 127.0.0.1:${server.port}`
  expect(await sink.send(['x'.repeat(70_000), 'small'], patient)).toEqual([
    { count: 1, reason: 'too_large', why },
  ])
  await expect.poll(() => server.received).toEqual(['small'])
})

test('what nobody takes is counted once it is known', async () => {
  const server = await receive()
  const sink = sinkTo('127.0.0.1', server.port)
  await server.close()
  const losses = await sink.send(['1', '2', '3', '4'], patient)
  expect(losses.length).toBeGreaterThan(1)
  const why = `nobody listens at 127.0.0.1:${server.port}`
  for (const loss of losses) expect(loss).toEqual({ count: 1, reason: 'refused', why })
})

test('a refusal that comes while nothing is sent is told with the next datagram', async () => {
  const server = await receive()
  const sink = sinkTo('127.0.0.1', server.port)
  await server.close()
  let losses = 0
  for (let sent = 1; sent <= 10; sent++) {
    losses += (await sink.send([String(sent)], patient)).length
    // Time for what waits for answers to hear of it.
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
    expect(losses).toBeGreaterThanOrEqual(sent - 1)
    expect(losses).toBeLessThanOrEqual(sent)
  }
})

test('a name that is none is no loss: nothing is sent yet', async () => {
  const sink = sinkTo('nonesuch.invalid', 9)
  await expect(sink.send(['x'], patient)).rejects.toThrow('nonesuch.invalid')
  const late = sinkTo('127.0.0.1', 9)
  await expect(late.send(['x'], AbortSignal.abort())).rejects.toThrow('too late')
})
