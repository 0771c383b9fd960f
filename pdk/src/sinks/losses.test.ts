import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Losses } from './losses.ts'
import { logTo } from '../testing/log-lines.ts'
import type { Line } from '../testing/log-lines.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a loss is told at once, how much a minute later, and nothing is told twice', () => {
  const lines: Line[] = []
  const losses = new Losses(logTo(lines))
  losses.add(0, 'full')
  expect(lines).toEqual([])
  for (let count = 0; count < 1000; count++) losses.add(2, 'full')
  losses.add(1, 'too large')
  expect(lines.map(({ message }) => message)).toEqual([
    'entries are lost: full',
    'entries are lost: too large',
  ])
  vi.advanceTimersByTime(60_000)
  expect(lines.slice(2)).toMatchObject([
    { level: 'error', fields: { dropped: 2000 }, message: '2000 entries were dropped: full' },
    { fields: { dropped: 1 }, message: '1 entry was dropped: too large' },
  ])
  vi.advanceTimersByTime(600_000)
  losses.tell()
  expect(lines).toHaveLength(4)
  losses.add(1, 'full')
  losses.tell()
  expect(lines.slice(4)).toMatchObject([{ level: 'warn' }, { fields: { dropped: 1 } }])
})

test('what seems to be over is told in a few seconds, once', () => {
  const lines: Line[] = []
  const losses = new Losses(logTo(lines))
  losses.settle()
  losses.add(3, 'full')
  vi.advanceTimersByTime(1000)
  losses.settle()
  vi.advanceTimersByTime(4000)
  losses.add(1, 'full')
  losses.settle()
  expect(lines).toHaveLength(1)
  vi.advanceTimersByTime(1000)
  expect(lines.slice(1)).toMatchObject([{ fields: { dropped: 4 } }])
  vi.advanceTimersByTime(600_000)
  expect(lines).toHaveLength(2)
})
