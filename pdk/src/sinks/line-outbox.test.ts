import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { EntryCounts } from './entry-counts.ts'
import { LineOutbox } from './line-outbox.ts'
import type { LineOutboxOptions } from './line-outbox.ts'
import { logTo } from '../testing/log-lines.ts'
import type { Line } from '../testing/log-lines.ts'
import { MountedMetrics } from '../testing/mounted-metrics.ts'

const metrics = new MountedMetrics()

function open(options: Partial<LineOutboxOptions> = {}) {
  const written: string[] = []
  const log: Line[] = []
  const box = new LineOutbox({
    write: async (bytes) => void written.push(bytes.toString()),
    log: logTo(log),
    ...options,
  })
  return { box, written, log, messages: () => log.map(({ message }) => message) }
}

/** A kibibyte with its end. */
const line = (number: number): string => String(number).padEnd(1023, '.')

test('lines of one turn are one write, each with its end', async () => {
  const { box, written } = open()
  for (const text of ['one', 'zwölf', '十二', '']) box.push(text)
  expect(written).toEqual([])
  await box.close(1000)
  expect(written).toEqual(['one\nzwölf\n十二\n\n'])
})

test('full pages are not kept waiting, and the one that is open is', async () => {
  const { box, written } = open({ linger: 100_000 })
  box.push('first')
  await sleep(5)
  for (let number = 0; number < 1024; number++) box.push(line(number))
  while (written.length < 4) await sleep(1)
  expect(written.every((text) => text.endsWith('\n'))).toBe(true)
  const before = written.join('').split('\n').length
  expect(before).toBeLessThan(1025)
  await box.close(1000)
  expect(written.join('').split('\n').slice(1, -1)).toEqual(
    Array.from({ length: 1024 }, (_, number) => line(number)),
  )
})

test('what comes while something is written waits, and nothing is written over', async () => {
  const held: { readonly bytes: Buffer; readonly text: string; readonly release: () => void }[] = []
  const { box } = open({
    write: (bytes) =>
      new Promise((resolve) => held.push({ bytes, text: bytes.toString(), release: resolve })),
  })
  for (let round = 0; round < 20; round++) {
    box.push(`beside ${round}`)
    while (held.length <= round) await sleep(1)
    const { bytes, text, release } = held[round] ?? expect.fail('nothing is written')
    box.push(`while ${round} is written`)
    expect(bytes.toString()).toBe(text)
    release()
  }
  const closed = box.close(1000)
  while (held.length <= 20) await sleep(1)
  held[20]?.release()
  await closed
  const texts = Array.from(
    { length: 20 },
    (_, round) => `beside ${round}\nwhile ${round} is written\n`,
  )
  expect(held.map(({ text }) => text).join('')).toBe(texts.join(''))
})

test('more than a page, and a line larger than one, arrive in order', async () => {
  const { box, written } = open()
  const texts = [...Array.from({ length: 700 }, (_, number) => line(number)), 'ö'.repeat(300_000)]
  for (const text of [...texts, 'last']) box.push(text)
  await box.close(1000)
  expect(written.join('')).toBe([...texts, 'last', ''].join('\n'))
})

test('what failed is written again, and what was written is not', async () => {
  const written: Buffer[] = []
  let failures = 2
  const { box, messages } = open({
    write: async (bytes) => {
      if (written.length === 1 && failures-- > 0) throw new Error('the disk is full')
      written.push(Buffer.from(bytes))
    },
  })
  const texts = Array.from({ length: 600 }, (_, number) => line(number))
  for (const text of texts) box.push(text)
  await box.close(2000)
  expect(Buffer.concat(written).toString()).toBe(`${texts.join('\n')}\n`)
  expect(messages()).toEqual(['cannot deliver; trying again until it works', 'delivering again'])
})

test('memory is bounded: beyond it the oldest lines are dropped and counted one by one', async () => {
  const kit = { id: '1', metrics: metrics.open(new AbortController().signal) }
  const whose = { plugin: 'a-log', id: '1' }
  const { box, log } = open({
    write: () => Promise.reject(new Error('away')),
    counts: new EntryCounts('a-log', kit),
  })
  const all = 40 * 1024
  for (let number = 0; number < all; number++) box.push(line(number))
  const dropped = () =>
    metrics.value('kong_log_dropped_entries_total', { ...whose, reason: 'queue_full' })
  const kept = all - dropped()
  expect(metrics.value('kong_log_waiting_entries', whose)).toBe(kept)
  expect(kept).toBeGreaterThan(15 * 1024)
  expect(kept).toBeLessThanOrEqual(16 * 1024)
  await box.close(10)
  const told = log.flatMap(({ fields }) =>
    typeof fields['dropped'] === 'number' ? fields['dropped'] : [],
  )
  expect(told.reduce((sum, count) => sum + count, 0)).toBe(all)
  box.push('late')
  expect(metrics.value('kong_log_dropped_entries_total', { ...whose, reason: 'ended' })).toBe(
    kept + 1,
  )
})

test('a line that is too large for all memory is dropped and counted, and those after it are written', async () => {
  const { box, written, log } = open()
  box.push('x'.repeat(6 * 1_048_576))
  for (const text of ['one', 'two']) box.push(text)
  await box.close(1000)
  expect(written).toEqual(['one\ntwo\n'])
  expect(log.map(({ fields }) => fields['dropped'])).toEqual([undefined, 1])
})
