import { existsSync, writeFileSync } from 'node:fs'
import { BoundSocket, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Listen } from '../../settings/listen.ts'
import { bindListener, unbind, vacate, type Bound } from './bind.ts'
import { settingsOf, temporaryFolder } from '../node.fixture.ts'

function listenOf(text: string): Listen {
  const [listen] = settingsOf({ stream_listen: text }).stream_listen
  return listen!
}

async function bind(text: string, slots: number): Promise<Bound> {
  const bound = await bindListener(listenOf(text), slots)
  onTestFinished(() => unbind(bound))
  return bound
}

async function listening(options: { port: number } | { path: string }): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) =>
    server.listen({ host: '127.0.0.1', ...options }, () => resolve()),
  )
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test('every slot has a socket of its own on one port', async () => {
  const { address, sockets } = await bind('127.0.0.1:0', 3)
  expect(sockets.map((socket) => socket.address().port)).toEqual([
    address.port,
    address.port,
    address.port,
  ])
  expect(new Set(sockets.map((socket) => socket.fd())).size).toBe(3)
})

test('an IPv6 address is bound as such', async () => {
  const { sockets } = await bind('[::1]:0', 2)
  expect(sockets[0]?.address()).toMatchObject({ address: '::1', family: 'IPv6' })
})

test.each([1, 2])('a port in use is refused by its name, for %i workers', async (slots) => {
  const port = await listening({ port: 0 })
  await expect(bind(`127.0.0.1:${port}`, slots)).rejects.toThrow(
    `cannot listen on 127.0.0.1:${port}: the address is already in use`,
  )
})

test('a port shared by SO_REUSEPORT is in use all the same', async () => {
  const { address, sockets } = await bind('127.0.0.1:0', 2)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(sockets[0], resolve))
  onTestFinished(() => void server.close())
  await expect(bind(`127.0.0.1:${address.port}`, 2)).rejects.toThrow('already in use')
})

test('an address of another machine is refused in words', async () => {
  await expect(bind('192.0.2.1:0', 1)).rejects.toThrow(
    'cannot listen on 192.0.2.1:0: this machine does not have that address',
  )
})

test('a unix socket is one for all slots, and its file goes with it', async () => {
  const path = join(temporaryFolder(), 'stream.sock')
  const bound = await bindListener(listenOf(`unix:${path}`), 2)
  expect(new Set(bound.sockets).size).toBe(1)
  expect(bound.address).toEqual({ address: `unix:${path}`, port: 0 })
  expect(existsSync(path)).toBe(true)
  unbind(bound)
  expect(existsSync(path)).toBe(false)
})

test('a socket file that nobody listens on is replaced; a live one, or another file, is not', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'left-over.sock')
  const before = new BoundSocket({ path } as object)
  onTestFinished(() => before.close())
  await bind(`unix:${path}`, 1)

  const live = join(folder, 'live.sock')
  await listening({ path: live })
  await expect(vacate(live)).rejects.toThrow('somebody listens there')
  await expect(bind(`unix:${live}`, 1)).rejects.toThrow('already in use')
  expect(existsSync(live)).toBe(true)

  const file = join(folder, 'notes.txt')
  writeFileSync(file, 'mine')
  await expect(bind(`unix:${file}`, 1)).rejects.toThrow('already in use')
  expect(existsSync(file)).toBe(true)
})

test('a unix socket in a folder that is not there is refused in words', async () => {
  const path = join(temporaryFolder(), 'no', 'such.sock')
  await expect(bind(`unix:${path}`, 1)).rejects.toThrow('its folder does not exist')
})
