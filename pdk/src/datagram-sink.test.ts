import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { expect, onTestFinished, test } from 'vitest'
import { DatagramSink } from './datagram-sink.ts'
import { Losses } from './losses.ts'
import { logTo } from './testing/log-lines.ts'
import type { Line } from './testing/log-lines.ts'

const patient = new AbortController().signal

function sinkTo(host: string, port: number) {
  const lines: Line[] = []
  const losses = new Losses(logTo(lines))
  const sink = new DatagramSink({ host, port, timeout: 5000 }, losses)
  onTestFinished(() => sink.close())
  return { sink, losses, texts: () => lines.map(({ message }) => message) }
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
  const { sink, texts } = sinkTo(host, server.port)
  await sink.send(['one', 'two'], patient)
  await sink.send(['drei, größer'], patient)
  await expect.poll(() => server.received).toEqual(['one', 'two', 'drei, größer'])
  expect(texts()).toEqual([])
})

test('what is too large for a datagram is lost alone', async () => {
  const server = await receive()
  const { sink, losses, texts } = sinkTo('127.0.0.1', server.port)
  await sink.send(['x'.repeat(70_000), 'small'], patient)
  await expect.poll(() => server.received).toEqual(['small'])
  losses.tell()
  expect(texts().at(-1)).toMatch(/^1 entry was dropped: too large for a datagram to 127/)
})

test('what nobody takes is counted once it is known', async () => {
  const server = await receive()
  const { sink, losses, texts } = sinkTo('127.0.0.1', server.port)
  await server.close()
  await sink.send(['1', '2', '3', '4'], patient)
  losses.tell()
  expect(texts().at(-1)).toMatch(/^\d entries were dropped: nobody listens at 127\.0\.0\.1:\d+$/)
})

test('a name that is none is no loss: nothing is sent yet', async () => {
  const { sink, texts } = sinkTo('nonesuch.invalid', 9)
  await expect(sink.send(['x'], patient)).rejects.toThrow('nonesuch.invalid')
  const { sink: late } = sinkTo('127.0.0.1', 9)
  await expect(late.send(['x'], AbortSignal.abort())).rejects.toThrow('too late')
  expect(texts()).toEqual([])
})
