import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openSender, standardPorts } from './sender.ts'
import type { Server } from './sender.ts'

const patient = new AbortController().signal
const rest = { host: '127.0.0.1', timeout: 5000, keepalive: 0, tls_verify: true }

function senderTo(protocol: Server['protocol'], port: number) {
  const ignore = () => {}
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore }
  const sender = openSender({ ...rest, protocol, port }, undefined, log)
  onTestFinished(() => sender.close())
  return sender
}

test('over udp a message is a datagram', async () => {
  const socket = createSocket('udp4')
  const received: string[] = []
  socket.on('message', (message) => received.push(message.toString()))
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => void socket.close())
  await senderTo('udp', socket.address().port).send(['one', 'two'], patient)
  await expect.poll(() => received).toEqual(['one', 'two'])
})

test('over tcp messages are counted and may hold line ends', async () => {
  let received = ''
  const server = createServer((socket) => {
    socket.on('data', (chunk) => (received += chunk.toString()))
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  await senderTo('tcp', port).send(['a\nb', 'größe'], patient)
  await expect.poll(() => received).toBe('3 a\nb7 größe')
})

test('the ports are those of the standards', () => {
  expect(standardPorts).toEqual({ udp: 514, tcp: 514, tls: 6514 })
})
