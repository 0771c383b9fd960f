import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FollowedSource } from './followed-source.ts'
import type { Kit, Log, Once } from './kit.ts'
import { definePlugin } from './plugin.ts'
import { sourceServer } from './source-server.fixture.ts'
import { mount } from './testing/index.ts'

const terms = {
  timeout: 30_000,
  limit: 1000,
  accept: '*/*',
  tls: { verify: true, ca: undefined },
  maxAge: 1,
  describe: (lines: readonly string[]) => ({ entries: lines.length }),
  read: async (bytes: Buffer) => {
    const lines = bytes.toString().trim().split('\n')
    if (lines.includes('what?')) throw new Error('what?')
    return lines
  },
}

/** What is in force, as one looks it up. */
class Lines {
  readonly source: FollowedSource<readonly string[]>
  readonly editions: (readonly string[])[] = []

  constructor(
    at: string,
    keepIn: string | undefined,
    kit: ConstructorParameters<typeof FollowedSource>[2],
  ) {
    const follow = (lines: readonly string[]) => void this.editions.push(lines)
    this.source = new FollowedSource(at, { ...terms, keepIn, follow }, kit)
  }

  open = () => this.source.open()
  reload = () => this.source.reload()
  has = (line: string) => this.editions.at(-1)?.includes(line) === true
}

/** What the workers of a node have in common: the result that was produced last, whatever its age. */
function node(keepIn?: string) {
  const lines: string[] = []
  const say = (fields: object, message: string) =>
    void lines.push(`${message} ${JSON.stringify(fields)}`)
  const log: Log = { debug: say, info: say, warn: say, error: say }
  const { signal } = new AbortController()
  const results = new Map<string, unknown>()
  const once: Once = async (name, produce, options) => {
    if (options === undefined && results.has(name)) return results.get(name) as never
    const result = await produce(signal)
    results.set(name, result)
    return result
  }
  const worker = (source: string) => new Lines(source, keepIn, { log, once, signal })
  return { lines, worker }
}

test('the last good list stays while the source fails or lies, and the next good one follows', async () => {
  const server = await sourceServer((_request, response) => response.end('10.0.0.1\n'))
  const { lines, worker } = node()
  const list = worker(`${server.url}/list?token=secret`)
  await list.open()
  const has = (...clients: string[]) => clients.map((client) => list.has(client))
  expect(has('10.0.0.1', '10.0.0.2')).toEqual([true, false])
  server.state.answer = (_request, response) => response.writeHead(500).end()
  await list.reload()
  await list.reload()
  server.state.answer = (_request, response) => response.end('10.0.0.2\nwhat?\n')
  await list.reload()
  expect(has('10.0.0.1', '10.0.0.2')).toEqual([true, false])
  server.state.answer = (_request, response) => response.end('10.0.0.2\n10.0.0.3\n')
  await list.reload()
  expect(has('10.0.0.1', '10.0.0.2')).toEqual([false, true])
  const source = `"source":"${server.url}/list"`
  const kept = 'the list cannot be read; the last good one stays in force'
  expect(lines).toEqual([
    `${kept} {${source},"error":"the server answered with status 500"}`,
    `${kept} {${source},"error":"what?"}`,
    `the list can be read again {${source},"entries":2}`,
    `the list has changed {${source},"entries":2,"before":{"entries":1}}`,
  ])
})

test('a first list that cannot be read is an error; a worker that comes later takes what the node has', async () => {
  const server = await sourceServer((_request, response) => response.writeHead(404).end())
  const { worker } = node()
  const source = `${server.url}/list`
  await expect(worker(source).open()).rejects.toThrow(
    `${source}: the server answered with status 404`,
  )
  server.state.answer = (_request, response) => response.end('10.0.0.1\n')
  await worker(source).open()
  server.state.answer = (_request, response) => response.writeHead(404).end()
  const late = worker(source)
  await late.open()
  expect(late.has('10.0.0.1')).toBe(true)
})

test('a list is read once at a time', async () => {
  const waiting: (() => void)[] = []
  const server = await sourceServer((_request, response) => response.end('10.0.0.1\n'))
  const list = node().worker(server.url)
  await list.open()
  server.state.answer = (_request, response) => void waiting.push(() => response.end('10.0.0.2\n'))
  const reloading = list.reload()
  await list.reload()
  await expect.poll(() => waiting.length).toBe(1)
  waiting[0]?.()
  await reloading
  expect([server.heard.length, list.has('10.0.0.2')]).toEqual([2, true])
})

test('a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'deny.txt')
  const list = node().worker(path)
  await expect(list.open()).rejects.toThrow(`${path}: ENOENT`)
  writeFileSync(path, '::1\n')
  await list.open()
  expect(list.has('::1')).toBe(true)
})

test('after a restart while the server is away the list that was kept is in force', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const server = await sourceServer((_request, response) => response.end('10.0.0.1\n'))
  await node(folder).worker(server.url).open()
  server.state.answer = (_request, response) => response.writeHead(500).end()
  const { lines, worker } = node(folder)
  const list = worker(server.url)
  await list.open()
  expect(list.has('10.0.0.1')).toBe(true)
  expect(lines).toEqual([expect.stringContaining('answered with status 500')])
  await expect(worker(`${server.url}/other`).open()).rejects.toThrow('answered with status 500')
  server.state.answer = (_request, response) => response.end('10.0.0.2\n')
  await list.reload()
  expect(list.has('10.0.0.2')).toBe(true)
})

test('a list that cannot be kept is in force, and that is told', async () => {
  const server = await sourceServer((_request, response) => response.end('10.0.0.1\n'))
  const { lines, worker } = node('/nowhere')
  const list = worker(server.url)
  await list.open()
  expect(list.has('10.0.0.1')).toBe(true)
  expect(lines).toEqual([expect.stringContaining('the list cannot be kept for the next start')])
})

test('of the workers of a node one reads, and the others have what it has read', async () => {
  const server = await sourceServer((_request, response) => response.end('10.0.0.1\n'))
  const plugin = definePlugin({
    name: 'lists',
    version: '1.0.0',
    priority: 1,
    schema: { type: 'object', properties: {} },
    setup: (kit: Kit) => [1, 2].map(() => new Lines(server.url, undefined, kit)),
    phases: {},
  })
  const { state: lists, clock, unmount } = await mount(plugin, {})
  onTestFinished(unmount)
  for (const list of lists) await list.open()
  clock.advance(10)
  server.state.answer = (_request, response) => response.end('10.0.0.2\n')
  for (const list of lists) await list.reload()
  expect(lists.map((list) => list.editions)).toEqual(Array(2).fill([['10.0.0.1'], ['10.0.0.2']]))
  expect(server.heard).toHaveLength(2)
  clock.advance(10)
  // The same bytes are nothing new.
  for (const list of lists) await list.reload()
  expect(server.heard).toHaveLength(3)
  expect(lists.map((list) => list.editions.length)).toEqual([2, 2])
})
