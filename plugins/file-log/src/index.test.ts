import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mount } from '@kong-ts/pdk/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import fileLog from './index.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-log-'))
  path = join(folder, 'sessions.log')
})

afterEach(() => rm(folder, { recursive: true }))

async function linesOf(file: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(file, 'utf8')
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line is not whole')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('writes a line for each connection, in Kong’s shape', async () => {
  const plugin = await mount(fileLog, { path })
  await plugin.connect({ from: '10.0.0.9', bytes: 'hello', reply: 'bye', sni: 'db.example' })
  await plugin.connect({ from: '10.0.0.8', failing: ['upstream:80'] })
  await plugin.unmount()
  const [first, second] = await linesOf(path)
  expect(first).toMatchObject({
    session: {
      received: 5,
      sent: 3,
      status: 200,
      server_port: 5555,
      tls: { client_verify: 'NONE' },
    },
    upstream: { received: 3, sent: 5 },
    client_ip: '10.0.0.9',
    tries: [{ port: 80 }],
    route: { name: 'route' },
    service: { name: 'service' },
    started_at: plugin.clock.now(),
    ending: 'client.closed',
  })
  expect(second).toMatchObject({
    session: { status: 502 },
    tries: [{ state: 'failed', code: 502 }],
    ending: 'upstream.connect.refused',
  })
})

test('appends to what is there, readable by others', async () => {
  for (let count = 0; count < 2; count++) {
    const plugin = await mount(fileLog, { path })
    await plugin.connect()
    await plugin.unmount()
  }
  expect(await linesOf(path)).toHaveLength(2)
  expect((await stat(path)).mode & 0o777 & ~process.umask()).toBe(0o644 & ~process.umask())
})

test('with reopen a file that was moved away is left alone', async () => {
  const plugin = await mount(fileLog, { path, reopen: true })
  await plugin.connect()
  await expect.poll(() => linesOf(path)).toHaveLength(1)
  await rename(path, `${path}.1`)
  await plugin.connect()
  await expect.poll(() => linesOf(path).catch(() => [])).toHaveLength(1)
  expect(await linesOf(`${path}.1`)).toHaveLength(1)
  await plugin.unmount()
})

test('many connections at once lose nothing', async () => {
  const plugin = await mount(fileLog, { path })
  await Promise.all(Array.from({ length: 2000 }, (_, port) => plugin.connect({ port: port + 1 })))
  await plugin.unmount()
  expect(new Set((await linesOf(path)).map((line) => line['client_port'])).size).toBe(2000)
})

test('a path that cannot be written vetoes the configuration', async () => {
  const missing = join(folder, 'missing', 'sessions.log')
  await expect(mount(fileLog, { path: missing })).rejects.toThrow(
    `cannot write to ${missing}: ENOENT`,
  )
})

test.each([
  [{}, 'path: required field missing'],
  [{ path: '/tmp/a*b' }, 'path: not a valid filename'],
])('%j is refused', async (input, message) => {
  await expect(mount(fileLog, input as { path: string })).rejects.toThrow(message)
})
