import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { EntryCounts } from './entry-counts.ts'
import { Outbox } from './outbox.ts'
import type { OutboxOptions } from './outbox.ts'
import { logTo } from '../testing/log-lines.ts'
import type { Line } from '../testing/log-lines.ts'
import { MountedMetrics } from '../testing/mounted-metrics.ts'

const metrics = () => {
  const mounted = new MountedMetrics()
  const kit = { id: '1', metrics: mounted.open(new AbortController().signal) }
  const counts = new EntryCounts('a-log', kit)
  const read = () =>
    Object.fromEntries(
      mounted.names().flatMap((name) =>
        mounted.series(name).map((labels) => {
          const word = labels['reason'] ?? /^kong_log_([a-z]+)/.exec(name)?.[1] ?? ''
          return [word, mounted.value(name, labels)] as const
        }),
      ),
    )
  return { counts, read }
}

function open(options: Partial<OutboxOptions<number>> = {}) {
  const batches: number[][] = []
  const lines: Line[] = []
  const box = new Outbox<number>({
    deliver: async (batch) => void batches.push([...batch]),
    log: logTo(lines),
    firstDelay: 1,
    ...options,
  })
  return { box, batches, lines, texts: () => lines.map(({ message }) => message) }
}

test('what is pushed in one turn goes out together, in order', async () => {
  const { box, batches } = open()
  for (const item of [1, 2, 3]) box.push(item)
  expect(batches).toEqual([])
  await box.close(1000)
  expect(batches).toEqual([[1, 2, 3]])
})

test('a batch has a largest size', async () => {
  const { box, batches } = open({ batch: 2 })
  for (const item of [1, 2, 3, 4, 5]) box.push(item)
  await box.close(1000)
  expect(batches).toEqual([[1, 2], [3, 4], [5]])
})

test('items wait for others, but not for a box that closes or a batch that is full', async () => {
  const { box, batches } = open({ linger: 100_000, batch: 3 })
  for (const item of [1, 2, 3]) box.push(item)
  while (batches.length === 0) await sleep(1)
  box.push(4)
  await sleep(5)
  box.push(5)
  expect(batches).toEqual([[1, 2, 3]])
  await box.close(1000)
  expect(batches).toEqual([
    [1, 2, 3],
    [4, 5],
  ])
})

test.each([
  ['a batch is full', {}, 3],
  ['there are enough of them', { enough: 2 }, 2],
])('items wait for others until %s', async (_what, options, count) => {
  const { box, batches } = open({ linger: 100_000, batch: 3, ...options })
  const items = [1, 2, 3].slice(0, count)
  for (const item of items) {
    expect(batches).toEqual([])
    box.push(item)
    await sleep(5)
  }
  while (batches.length === 0) await sleep(1)
  expect(batches).toEqual([items])
  await box.close(1000)
})

test('a failed batch is delivered again and the outage is logged once', async () => {
  const batches: number[][] = []
  let left = 3
  const { box, texts } = open({
    deliver: async (batch) => {
      if (left-- > 0) throw new Error('away')
      batches.push([...batch])
    },
  })
  box.push(1)
  while (batches.length === 0) await sleep(1)
  box.push(2)
  await box.close(1000)
  expect(batches).toEqual([[1], [2]])
  expect(texts()).toEqual(['cannot deliver; trying again until it works', 'delivering again'])
})

test('a full box drops the oldest and says how many', async () => {
  const { box, batches, lines } = open({ capacity: 3 })
  for (const item of [1, 2, 3, 4, 5]) box.push(item)
  await box.close(1000)
  expect(batches).toEqual([[3, 4, 5]])
  expect(lines.at(-1)).toMatchObject({ level: 'error', fields: { dropped: 2 } })
})

test('closing gives up when patience ends, counts the rest, and takes nothing more', async () => {
  const { box, lines } = open({ deliver: () => Promise.reject(new Error('away')), batch: 1 })
  box.push(1)
  box.push(2)
  await box.close(20)
  expect(lines.at(-1)).toMatchObject({ fields: { dropped: 2 } })
  box.push(3)
  await box.close(20)
  expect(lines.at(-1)).toMatchObject({ fields: { dropped: 1 } })
})

test('closing does not wait for the delay of an outage', async () => {
  const batches: number[][] = []
  const attempted = Promise.withResolvers<void>()
  let isAway = true
  const { box } = open({
    firstDelay: 3_600_000,
    longestDelay: 3_600_000,
    deliver: async (batch) => {
      attempted.resolve()
      if (isAway) throw new Error('away')
      batches.push([...batch])
    },
  })
  box.push(1)
  await attempted.promise
  isAway = false
  await box.close(60_000)
  expect(batches).toEqual([[1]])
})

test('a delivery that never settles does not hold the closing', async () => {
  const { box } = open({ deliver: () => new Promise(() => {}) })
  box.push(1)
  await expect(box.close(10)).resolves.toBeUndefined()
})

test('an error of many is told as all of them', async () => {
  const errors = [new Error('::1 refuses'), new Error('127.0.0.1 refuses')]
  const { box, lines } = open({ deliver: () => Promise.reject(new AggregateError(errors)) })
  box.push(1)
  await box.close(5)
  expect(lines[0]).toMatchObject({ fields: { error: '::1 refuses; 127.0.0.1 refuses' } })
})

test('what is not delivered in time is given up, counted, and the next is tried', async () => {
  const delivered: number[][] = []
  const { box, texts } = open({
    patience: -1,
    batch: 1,
    deliver: async (batch) => {
      if (batch[0] === 1) throw new Error('refused')
      delivered.push([...batch])
    },
  })
  box.push(1)
  box.push(2)
  await box.close(1000)
  expect(delivered).toEqual([[2]])
  expect(texts()).toEqual([
    'cannot deliver',
    'entries are lost: not delivered in time',
    'delivering again',
    '1 entry was dropped: not delivered in time',
  ])
})

test('what waits has a largest size in bytes, too', async () => {
  const { box, batches, lines } = open({ capacityBytes: 10, sizeOf: (item) => item })
  for (const item of [4, 5, 3, 2, 11, 1]) box.push(item)
  await box.close(1000)
  expect(batches).toEqual([[1]])
  expect(lines.at(-1)).toMatchObject({ fields: { dropped: 5 } })
})

test('texts are limited to 64 MiB together, unless that is not wanted', async () => {
  const text = 'x'.repeat(1024 * 1024)
  for (const [more, expected] of [
    [{}, 64],
    [{ capacityBytes: undefined }, 70],
  ] as const) {
    let delivered = 0
    const deliver = async (batch: readonly string[]) => void (delivered += batch.length)
    const box = new Outbox<string>({ deliver, log: logTo([]), ...more })
    for (let count = 0; count < 70; count++) box.push(text)
    await box.close(1000)
    expect(delivered).toBe(expected)
  }
})

test('with concurrency several deliveries run at once, and no more', async () => {
  const flying: (() => void)[] = []
  let most = 0
  const { box } = open({
    concurrency: 3,
    batch: 1,
    deliver: async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      flying.push(resolve)
      most = Math.max(most, flying.length)
      await promise
    },
  })
  for (let item = 0; item < 10; item++) box.push(item)
  for (let landed = 0; landed < 10; landed++) {
    while (flying.length < Math.min(3, 10 - landed)) await sleep(1)
    flying.shift()?.()
  }
  await box.close(1000)
  expect(most).toBe(3)
})

test('an hour of outage costs bounded memory and loses what it says it lost', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  let isAway = true
  const received: number[] = []
  const { box, lines } = open({
    capacity: 1000,
    batch: 100,
    firstDelay: 100,
    deliver: async (batch) => {
      if (isAway) throw new Error('away')
      received.push(...batch)
    },
  })
  let next = 0
  for (let second = 0; second < 3600; second++) {
    for (let count = 0; count < 10; count++) box.push(next++)
    await new Promise(setImmediate)
    await vi.advanceTimersByTimeAsync(1000)
  }
  expect(received).toEqual([])
  isAway = false
  await vi.advanceTimersByTimeAsync(10_000)
  await expect.poll(() => received.length).toBeGreaterThan(0)
  await box.close(1000)
  // The batch that was under way when the outage began, and the last thousand.
  const lost = lines.reduce((sum, { fields }) => sum + Number(fields['dropped'] ?? 0), 0)
  expect(received).toHaveLength(1010)
  expect(received.length + lost).toBe(next)
  expect(received.slice(-1000)).toEqual(Array.from({ length: 1000 }, (_, i) => next - 1000 + i))
  expect(lines.length).toBeLessThan(130)
})

test('a burst that does not fit is told soon after it has gone out, though no delivery failed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const { box, batches, lines } = open({ capacity: 5 })
  for (let item = 0; item < 12; item++) box.push(item)
  await expect.poll(() => batches).toEqual([[7, 8, 9, 10, 11]])
  await vi.advanceTimersByTimeAsync(5000)
  expect(lines.map(({ fields }) => fields['dropped'])).toEqual([undefined, 7])
  await box.close(0)
})

test('what becomes of every item is counted', async () => {
  const { counts, read } = metrics()
  const steps = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const attempted = Promise.withResolvers<void>()
  let attempts = 0
  const { box } = open({
    counts,
    capacity: 3,
    batch: 1,
    deliver: async (items) => {
      attempted.resolve()
      const attempt = attempts++
      await steps[attempt]?.promise
      if (attempt === 1) throw new Error('away')
      return items[0] === 5 ? [{ count: 1, reason: 'too_large', why: 'too large' }] : []
    },
  })
  box.push(0)
  await attempted.promise
  for (const item of [1, 2, 3, 4, 5]) box.push(item)
  // One is under way, two found no room.
  expect(read()).toEqual({ sent: 0, failed: 0, waiting: 4, queue_full: 2 })
  for (const step of steps) step.resolve()
  await box.close(60_000)
  box.push(6)
  expect(read()).toEqual({ sent: 3, failed: 1, waiting: 0, queue_full: 2, too_large: 1, ended: 1 })
})

test('what is given up is counted with its reason', async () => {
  const { counts, read } = metrics()
  const { box } = open({ counts, patience: -1, deliver: () => Promise.reject(new Error('no')) })
  box.push(1)
  box.push(2)
  await box.close(1000)
  expect(read()).toEqual({ sent: 0, failed: 1, waiting: 0, queue_full: 0, not_taken: 2 })
})
