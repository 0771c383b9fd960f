import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, expect, test } from 'vitest'
import { LineWriter, type LineWriterOptions } from './line-writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'kong-ts-lines-'))
afterAll(() => rmSync(folder, { recursive: true }))

let made = 0
const fresh = () => join(folder, `${(made += 1)}.log`)

const writers = new Set<LineWriter>()
const descriptors = new Set<number>()
afterEach(async () => {
  for (const fd of descriptors) closeSync(fd)
  await Promise.all([...writers].map((writer) => writer.close()))
  writers.clear()
  descriptors.clear()
})

function lines(path: string, overrides: Partial<LineWriterOptions> = {}) {
  const failures: string[] = []
  const writer = new LineWriter({
    target: { path },
    dropped: (count) => `dropped ${count}`,
    failed: (error) => void failures.push('code' in error ? String(error.code) : error.message),
    ...overrides,
  })
  writers.add(writer)
  return { writer, failures }
}

/** A named pipe with a reader that does not read until it is told to. */
function pipe() {
  const path = fresh()
  execFileSync('mkfifo', [path])
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  descriptors.add(fd)
  const read = (): string => {
    const buffer = Buffer.alloc(1_048_576)
    try {
      return buffer.toString('utf8', 0, readSync(fd, buffer))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return ''
      throw error
    }
  }
  return { path, read }
}

/** Reads until the text is complete. */
async function readUntil(read: () => string, complete: (text: string) => boolean): Promise<string> {
  let all = read()
  while (!complete(all)) {
    await delay(2)
    all += read()
  }
  return all
}

test('lines reach the file in order, behind what it holds; folders are made', async () => {
  const path = join(folder, 'deep/er/access.log')
  const first = lines(path)
  first.writer.write('one')
  expect(await first.writer.flush()).toBe(true)
  const { writer } = lines(path)
  for (let count = 0; count < 5000; count += 1) writer.write(`line ${count} ä`)
  expect(await writer.flush()).toBe(true)
  const all = readFileSync(path, 'utf8').split('\n')
  expect(all.slice(0, 2)).toEqual(['one', 'line 0 ä'])
  expect(all.slice(-2)).toEqual(['line 4999 ä', ''])
  expect(all).toHaveLength(5002)
})

test('what is written while a write is under way follows by itself', async () => {
  const path = fresh()
  const { writer } = lines(path)
  writer.write('first')
  await new Promise(setImmediate)
  writer.write('second')
  expect(await writer.flush()).toBe(true)
  expect(readFileSync(path, 'utf8')).toBe('first\nsecond\n')
})

test('a synchronous flush needs no event loop', () => {
  const path = fresh()
  const { writer } = lines(path)
  writer.write('last words')
  expect(writer.flushSync()).toBe(true)
  expect(readFileSync(path, 'utf8')).toBe('last words\n')
})

test('`off` writes nothing, and a target that cannot be opened is an error', async () => {
  const { writer } = lines('', { target: 'off' })
  writer.write('x')
  expect(await writer.flush()).toBe(true)
  expect(writer.flushSync()).toBe(true)
  expect(() => lines(folder)).toThrow('EISDIR')
})

test('a pipe that nobody reads: bounded memory, counted drops, whole lines once it is read', async () => {
  const { path, read } = pipe()
  const { writer, failures } = lines(path, { limit: 100_000 })
  const line = (count: number) => `${count}`.padStart(99, '0')
  for (let count = 0; count < 5000; count += 1) writer.write(line(count))
  expect(await writer.flush()).toBe(false)
  expect(writer.flushSync()).toBe(false)
  const text = await readUntil(read, (all) => /dropped \d+\n$/.test(all))
  const all = text.split('\n').slice(0, -1)
  const report = all.filter((each) => each.startsWith('dropped'))
  const kept = all.filter((each) => !each.startsWith('dropped'))
  expect(kept).toEqual(kept.map((_, count) => line(count)))
  expect(kept.length).toBe(1000)
  expect(report).toEqual([`dropped ${5000 - kept.length}`])
  writer.write('alive')
  expect(await writer.flush()).toBe(true)
  expect(read()).toBe('alive\n')
  expect(failures).toEqual([])
})

test('lines of several writers on one pipe stay whole', async () => {
  const { path, read } = pipe()
  const several = ['a', 'b', 'c'].map((letter) => ({ letter, writer: lines(path).writer }))
  for (let count = 0; count < 1500; count += 1) {
    for (const { letter, writer } of several) writer.write(letter.repeat(97))
  }
  const all = await readUntil(read, (text) => text.length >= 3 * 1500 * 98)
  expect(all.split('\n').filter((each) => !/^([abc])\1{96}$/.test(each))).toEqual([''])
})

test('a full disk is reported once; the lines are written when there is room', async () => {
  const path = fresh()
  symlinkSync('/dev/full', path)
  const { writer, failures } = lines(path)
  writer.write('one')
  expect(await writer.flush()).toBe(false)
  writer.write('two')
  expect(writer.flushSync()).toBe(false)
  expect(failures).toEqual(['ENOSPC'])
  rmSync(path)
  writer.reopen()
  expect(await writer.flush()).toBe(true)
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
})

test('after a rotation the lines go to a new file, none is lost', async () => {
  const path = fresh()
  const { writer } = lines(path)
  writer.write('before')
  await writer.flush()
  renameSync(path, `${path}.1`)
  for (let count = 0; count < 3; count += 1) {
    writer.write(`between ${count}`)
    await new Promise(setImmediate)
    writer.reopen()
  }
  writer.write('after')
  expect(await writer.flush()).toBe(true)
  const [old, current] = [`${path}.1`, path].map((file) => readFileSync(file, 'utf8'))
  expect(`${old}${current}`).toBe('before\nbetween 0\nbetween 1\nbetween 2\nafter\n')
  expect(current).toMatch(/after\n$/)
})

test('a rotation that fails keeps the old file', async () => {
  const path = fresh()
  const { writer, failures } = lines(path)
  renameSync(path, `${path}.1`)
  symlinkSync(folder, path)
  writer.reopen()
  writer.write('still')
  expect(await writer.flush()).toBe(true)
  expect(failures).toEqual(['EISDIR'])
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('still\n')
})

test('a closed writer takes nothing more', async () => {
  const path = fresh()
  const { writer } = lines(path)
  writer.write('in')
  await writer.close()
  writer.write('out')
  expect(await writer.flush()).toBe(true)
  expect(readFileSync(path, 'utf8')).toBe('in\n')
})
