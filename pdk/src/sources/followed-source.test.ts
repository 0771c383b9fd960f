import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FollowedSource } from './followed-source.ts'
import type { Log, Once } from '../kit.ts'
import { sourceServer } from './source-server.fixture.ts'

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

interface Made {
  readonly value: unknown
  readonly at: number
}

/** The workers of a node: each keeps what it has of `once`, and the supervisor keeps what was made last. */
function node(keepIn?: string) {
  const lines: string[] = []
  const say = (fields: object, message: string) =>
    void lines.push(`${message} ${JSON.stringify(fields)}`)
  const log: Log = { debug: say, info: say, warn: say, error: say }
  const { signal } = new AbortController()
  let time = 1000
  const clock = { now: () => time }
  const common = new Map<string, Made>()
  const worker = (source: string) => {
    const own = new Map<string, Made>()
    const once: Once = async (name, produce, { maxAge = Infinity } = {}) => {
      const isFit = (made: Made | undefined) => made && time - made.at <= maxAge
      const known = [own, common].map((each) => each.get(name)).find(isFit)
      const made = known ?? { value: await produce(signal), at: time }
      own.set(name, made)
      if (!known) common.set(name, made)
      return structuredClone(made.value) as never
    }
    return new Lines(source, keepIn, { log, once, signal, clock })
  }
  return { lines, worker, advance: () => void (time += 10) }
}

test('the last good list stays while the source fails or lies, and the next good one follows', async () => {
  const server = await sourceServer((_request, response) => response.end('10.0.0.1\n'))
  const { lines, worker, advance } = node()
  const list = worker(`${server.url}/list?token=secret`)
  await list.open()
  const has = (...clients: string[]) => clients.map((client) => list.has(client))
  expect(has('10.0.0.1', '10.0.0.2')).toEqual([true, false])
  server.state.answer = (_request, response) => response.writeHead(500).end()
  advance()
  await list.reload()
  advance()
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
  const { worker, advance } = node()
  const list = worker(server.url)
  await list.open()
  advance()
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
  const { worker, advance } = node()
  const lists = [worker(server.url), worker(server.url)]
  for (const list of lists) await list.open()
  // Whichever looks first.
  for (const line of ['10.0.0.2', '10.0.0.3']) {
    advance()
    server.state.answer = (_request, response) => response.end(line)
    for (const list of lists) await list.reload()
    expect(lists.map((list) => list.editions.at(-1))).toEqual([[line], [line]])
    lists.reverse()
  }
  expect(server.heard).toHaveLength(3)
  advance()
  // The same bytes are nothing new.
  for (const list of lists) await list.reload()
  expect(server.heard).toHaveLength(4)
  expect(lists.map((list) => list.editions.length)).toEqual([3, 3])
})
