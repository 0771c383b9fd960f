import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startTimeout, startTimer } from './timer.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('a deadline expires within a grain after it, never before', () => {
  const expire = vi.fn()
  startTimer(performance.now() + 1005, expire)
  vi.advanceTimersByTime(1004)
  expect(expire).not.toHaveBeenCalled()
  vi.advanceTimersByTime(20)
  expect(expire).toHaveBeenCalledOnce()
})

test('a deadline that has passed expires soon, one without end never', () => {
  const expire = vi.fn()
  expect(startTimer(Infinity, expire)).toBeUndefined()
  startTimer(performance.now() - 5, expire)
  vi.advanceTimersByTime(20)
  expect(expire).toHaveBeenCalledOnce()
})

test('a time that Node cannot hold does not expire at once', () => {
  const expire = vi.fn()
  startTimeout(2 ** 40, 1, expire)
  vi.advanceTimersByTime(1_000_000)
  expect(expire).not.toHaveBeenCalled()
})
