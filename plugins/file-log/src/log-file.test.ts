import { execFileSync } from 'node:child_process'
import { constants } from 'node:fs'
import {
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@kong-ts/pdk/testing'
import { expect, onTestFinished, test } from 'vitest'
import { LogFile } from './log-file.ts'

const clock = new ManualClock(0)
const patient = new AbortController().signal

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'log-file-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function openAt(path: string, reopens = false): Promise<LogFile> {
  const file = await LogFile.open(path, reopens, clock)
  onTestFinished(() => file.close())
  return file
}

test('two writers of one file keep their texts whole', async () => {
  const path = join(await newFolder(), 'log')
  const files = [await LogFile.open(path, false, clock), await LogFile.open(path, true, clock)]
  const texts = files.map((_, index) => `${String(index).repeat(5000)}\n`)
  await Promise.all(
    files.map(async (file, index) => {
      for (let count = 0; count < 20; count++)
        await file.append(Buffer.from(texts[index] ?? ''), patient)
    }),
  )
  await Promise.all(files.map((file) => file.close()))
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1)
  expect(lines).toHaveLength(40)
  expect(lines.every((line) => texts.includes(`${line}\n`))).toBe(true)
})

test('says which path cannot be written, and why', async () => {
  await expect(LogFile.open('/nonesuch/log', false, clock)).rejects.toThrow(
    'cannot write to /nonesuch/log: ENOENT',
  )
})

test.each([
  ['moved away', (path: string) => rename(path, `${path}.1`)],
  ['removed', (path: string) => rm(path)],
])('a file that was %s is left alone within a second', async (_what, goAway) => {
  const path = join(await newFolder(), 'log')
  const time = new ManualClock(0)
  const file = await LogFile.open(path, false, time)
  await file.append(Buffer.from('1'), patient)
  await goAway(path)
  time.advance(999)
  await file.append(Buffer.from('2'), patient)
  time.advance(1)
  await file.append(Buffer.from('3'), patient)
  await file.append(Buffer.from('4'), patient)
  expect(await readFile(path, 'utf8')).toBe('34')
  await file.close()
})

test('a file that is copied and truncated is written from its beginning', async () => {
  const path = join(await newFolder(), 'log')
  const file = await openAt(path)
  await file.append(Buffer.from('one\n'), patient)
  await copyFile(path, `${path}.1`)
  await truncate(path)
  await file.append(Buffer.from('two\n'), patient)
  expect(await readFile(path, 'utf8')).toBe('two\n')
})

test.each([false, true])(
  'a folder that is gone gets nothing until it is back, and no line goes where nobody finds it',
  async (reopens) => {
    const folder = join(await newFolder(), 'logs')
    const path = join(folder, 'log')
    await mkdir(folder)
    const time = new ManualClock(0)
    const file = await LogFile.open(path, reopens, time)
    onTestFinished(() => file.close())
    await rm(folder, { recursive: true })
    time.advance(1000)
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(file.append(Buffer.from('one\n'), patient)).rejects.toThrow(
        `cannot write to ${path}: ENOENT`,
      )
    }
    await mkdir(folder)
    await file.append(Buffer.from('one\n'), patient)
    expect(await readFile(path, 'utf8')).toBe('one\n')
  },
)

test('a full disk and a folder are told', async () => {
  const full = await openAt('/dev/full')
  await expect(full.append(Buffer.from('one\n'), patient)).rejects.toThrow(
    'cannot write to /dev/full: ENOSPC',
  )
  const folder = await newFolder()
  await expect(LogFile.open(folder, false, clock)).rejects.toThrow(
    `cannot write to ${folder}: EISDIR`,
  )
})

const lines = (count: number): string =>
  Array.from({ length: count }, (_, serial) => `${serial} ${'x'.repeat(serial % 5000)}\n`).join('')

async function newFifo(): Promise<string> {
  const path = join(await newFolder(), 'fifo')
  execFileSync('mkfifo', [path])
  return path
}

async function readerOf(path: string) {
  const reader = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  let text = ''
  onTestFinished(() => reader.close())
  return {
    text: () => text,
    /** Reads what is there. */
    async drain(): Promise<void> {
      const { bytesRead, buffer } = await reader
        .read(Buffer.alloc(1_000_000))
        .catch(() => ({ bytesRead: 0, buffer: Buffer.alloc(0) }))
      if (bytesRead === 0) return
      text += buffer.toString('utf8', 0, bytesRead)
      return this.drain()
    },
  }
}

test('FIFOs that nobody reads hold nothing up, and are written once somebody does', async () => {
  const paths = await Promise.all(Array.from({ length: 8 }, newFifo))
  const files = await Promise.all(paths.map((path) => openAt(path)))
  const path = paths[0] ?? ''
  const [file] = files
  await expect(file?.append(Buffer.from('one\n'), patient)).rejects.toThrow(
    `cannot write to ${path}: nobody reads this FIFO`,
  )
  const reader = await readerOf(path)
  await file?.append(Buffer.from('one\n'), patient)
  await reader.drain()
  expect(reader.text()).toBe('one\n')
})

test('a FIFO that is read slowly gets every line once and whole', async () => {
  const path = await newFifo()
  const reader = await readerOf(path)
  const file = await openAt(path)
  const text = lines(400)
  const bytes = Buffer.from(text)
  await expect(file.append(bytes, patient)).rejects.toThrow(
    `cannot write to ${path}: its reader takes nothing`,
  )
  const again = file.append(bytes, patient)
  while (reader.text().length < text.length) {
    await reader.drain()
    await new Promise(setImmediate)
  }
  await again
  expect(reader.text()).toBe(text)
})

test('what waits for a FIFO is given up with the signal', async () => {
  const path = await newFifo()
  await readerOf(path)
  const file = await openAt(path)
  const stop = new AbortController()
  const appending = file.append(Buffer.from(lines(400)), stop.signal)
  stop.abort()
  await expect(appending).rejects.toThrow('aborted')
})

test('a line that was begun elsewhere is begun anew where the path leads now', async () => {
  const path = await newFifo()
  const time = new ManualClock(0)
  const reader = await readerOf(path)
  const file = await LogFile.open(path, false, time)
  onTestFinished(() => file.close())
  const text = Buffer.from(`${'a'.repeat(20)}\n${'b'.repeat(100_000)}\n`)
  await expect(file.append(text, patient)).rejects.toThrow('takes nothing')
  await rm(path)
  await writeFile(path, '')
  time.advance(1000)
  await file.append(text, patient)
  await reader.drain()
  expect(reader.text()).toMatch(/^a{20}\nb+$/)
  expect(await readFile(path, 'utf8')).toBe(`${'b'.repeat(100_000)}\n`)
})
