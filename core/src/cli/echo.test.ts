import { once } from 'node:events'
import { createServer, connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fakeWorld } from './world.fixture.ts'
import { runCommandLine } from './run-command-line.ts'

async function startEcho(listen: string) {
  const world = fakeWorld()
  const code = runCommandLine(['echo', '--listen', listen], world)
  await expect.poll(() => world.written).toHaveLength(1)
  return { world, code, line: world.written[0] ?? '' }
}

test('what a client sends comes back, also after it has ended its side', async () => {
  const { world, code, line } = await startEcho('127.0.0.1:0')
  const port = Number(/^kong-ts echo listens on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1])
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const message = 'hello '.repeat(100_000)
  socket.end(message)
  expect(await text(socket)).toBe(message)
  world.signal('SIGTERM')
  expect(await code).toBe(0)
})

test('a client that resets harms no other, and a live one does not hinder the end', async () => {
  const { world, code, line } = await startEcho('[::1]:0')
  const port = Number(/\[::1\]:(\d+)$/.exec(line)?.[1])
  const rude = connect(port, '::1')
  await once(rude, 'connect')
  rude.write('x')
  rude.resetAndDestroy()
  const other = connect(port, '::1')
  other.write('y')
  expect(String((await once(other, 'data'))[0])).toBe('y')
  const closed = once(other, 'close')
  world.signal('SIGINT')
  expect(await code).toBe(0)
  await closed
})

test('a unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'echo-'))
  const { world, code, line } = await startEcho(`unix:${folder}/e.sock`)
  expect(line).toBe(`kong-ts echo listens on unix:${folder}/e.sock`)
  const socket = connect({ path: `${folder}/e.sock`, allowHalfOpen: true })
  socket.end('hi')
  expect(await text(socket)).toBe('hi')
  world.signal('SIGINT')
  await code
  rmSync(folder, { recursive: true })
})

test('a port in use is one line and exit code 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const world = fakeWorld()
  expect(await runCommandLine(['echo', '--listen', `127.0.0.1:${port}`], world)).toBe(1)
  expect(world.complained).toEqual([
    `Error: cannot listen on 127.0.0.1:${port}: the address is in use`,
  ])
  taken.close()
})

test.each(['off', '30000'])('%s is no address', async (listen) => {
  const world = fakeWorld()
  expect(await runCommandLine(['echo', '--listen', listen], world)).toBe(1)
  expect(world.complained[0]).toContain('--listen')
})
