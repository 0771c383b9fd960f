import { execFileSync, spawn, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, expect, test } from 'vitest'
import { openLog } from './log-descriptor.ts'

const folder = mkdtempSync(join(tmpdir(), 'kong-ts-descriptors-'))
afterAll(() => rmSync(folder, { recursive: true }))

let made = 0
const fresh = () => join(folder, `${(made += 1)}.log`)

const descriptors = new Set<number>()
afterEach(() => {
  for (const fd of descriptors) closeSync(fd)
  descriptors.clear()
})

test('a pipe keeps 4096 bytes together, a file any line; a pipe without a reader is an error', () => {
  const path = fresh()
  execFileSync('mkfifo', [path])
  expect(() => openLog({ path })).toThrow('ENXIO')
  descriptors.add(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK))
  const logs = [openLog({ path }), openLog({ path: fresh() })]
  expect(logs.map(({ atomic }) => atomic)).toEqual([4096, 1_048_576])
  for (const log of logs) log.close()
})

const module = JSON.stringify(join(import.meta.dirname, 'line-writer.ts'))
const prelude = `
  import { LineWriter } from ${module}
  const writer = new LineWriter({
    target: 'stdout',
    dropped: (count) => 'dropped ' + count,
    failed: (error) => process.stderr.write(error.message),
  })
`

function child(script: string, stdio: StdioOptions) {
  const process = spawn('node', ['--input-type=module', '-e', prelude + script], { stdio })
  return { process, stderr: process.stderr ? text(process.stderr) : Promise.resolve('') }
}

const flood = `
  for (let count = 0; count < 20000; count += 1) writer.write('x'.repeat(99))
  let turns = 0
  const timer = setInterval(() => (turns += 1), 1)
  const flushed = await writer.flush()
  clearInterval(timer)
  process.stderr.write(JSON.stringify({ flushed, turning: turns > 5 }))
  writer.flushSync()
  process.exit(0)
`

test('a standard output that nobody reads stops neither the event loop nor the exit: a socket', async () => {
  const { process, stderr } = child(flood, ['ignore', 'pipe', 'pipe'])
  const [code] = await once(process, 'exit')
  process.stdout?.destroy()
  expect(code).toBe(0)
  expect(JSON.parse(await stderr)).toEqual({ flushed: false, turning: true })
})

test('a standard output that nobody reads stops neither the event loop nor the exit: a pipe', async () => {
  const path = fresh()
  execFileSync('mkfifo', [path])
  descriptors.add(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK))
  const fd = openSync(path, constants.O_WRONLY)
  descriptors.add(fd)
  const { process, stderr } = child(flood, ['ignore', fd, 'pipe'])
  const [code] = await once(process, 'exit')
  expect(code).toBe(0)
  expect(JSON.parse(await stderr)).toEqual({ flushed: false, turning: true })
})

test.each([
  ['process.exit', 'writer.flushSync(); process.exit(3)'],
  ['an exit during a write', 'setImmediate(() => { writer.flushSync(); process.exit(3) })'],
  ['a throw', `process.on('exit', () => writer.flushSync()); process.exitCode = 3; throw 3`],
])('no line is lost by %s', async (_, exit) => {
  const path = fresh()
  const fd = openSync(path, 'a')
  descriptors.add(fd)
  const script = `for (let count = 0; count < 5000; count += 1) writer.write('line ' + count)\n${exit}`
  const { process } = child(script, ['ignore', fd, 'ignore'])
  await once(process, 'exit')
  const all = readFileSync(path, 'utf8').split('\n')
  expect(all).toHaveLength(5001)
  expect(all.at(-2)).toBe('line 4999')
})
