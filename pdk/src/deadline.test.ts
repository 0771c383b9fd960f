import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startDeadline } from './deadline.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('time is up when it is up, and not before', () => {
  const { signal } = startDeadline(new AbortController().signal, 1000)
  vi.advanceTimersByTime(999)
  expect(signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(signal.aborted).toBe(true)
})

test('an earlier signal ends it, also one that was given before', () => {
  const other = new AbortController()
  const { signal } = startDeadline(other.signal, 0)
  expect(vi.getTimerCount()).toBe(0)
  other.abort()
  expect(signal.aborted).toBe(true)
  expect(startDeadline(other.signal, 1000).signal.aborted).toBe(true)
})

test('once it is cleared nothing is left of it', () => {
  const other = new AbortController()
  const deadline = startDeadline(other.signal, 1000)
  deadline.clear()
  expect(vi.getTimerCount()).toBe(0)
  other.abort()
  expect(deadline.signal.aborted).toBe(false)
})
