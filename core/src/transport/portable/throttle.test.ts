import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Throttle } from './throttle.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function collect(rate: number) {
  const out = { sent: 0, emptied: 0 }
  const throttle = new Throttle(
    { bytesPerSecond: rate },
    {
      send: (chunk) => {
        out.sent += chunk.length
      },
      emptied: () => {
        out.emptied += 1
      },
    },
  )
  return { out, throttle }
}

test('a tenth of a second is free, the rest follows at the rate', () => {
  const { out, throttle } = collect(1000)
  expect(throttle.offer(new Uint8Array(100))).toBe(true)
  expect(throttle.offer(new Uint8Array(500))).toBe(false)
  expect(out.sent).toBe(100)
  vi.advanceTimersByTime(250)
  expect(out.sent).toBeGreaterThanOrEqual(300)
  expect(out.sent).toBeLessThanOrEqual(350)
  vi.advanceTimersByTime(300)
  expect(out).toEqual({ sent: 600, emptied: 1 })
  expect(throttle.isPending).toBe(false)
})

test('a pause does not save up more than a tenth of a second', () => {
  const { out, throttle } = collect(1000)
  vi.advanceTimersByTime(60_000)
  throttle.offer(new Uint8Array(5000))
  expect(out.sent).toBe(100)
})

test('less than a byte per slice still moves', () => {
  const { out, throttle } = collect(2)
  throttle.offer(new Uint8Array(5))
  vi.advanceTimersByTime(2100)
  expect(out.sent).toBe(5)
  expect(out.emptied).toBe(1)
})

test('a rate of nothing waits for another rate', () => {
  const { out, throttle } = collect(0)
  expect(throttle.offer(new Uint8Array(10))).toBe(false)
  vi.advanceTimersByTime(60_000)
  expect(out.sent).toBe(0)
  throttle.adjust({ bytesPerSecond: 1000 })
  vi.advanceTimersByTime(100)
  expect(out).toEqual({ sent: 10, emptied: 1 })
})

test('a lifted limit sends the rest at once', () => {
  const { out, throttle } = collect(10)
  throttle.offer(new Uint8Array(1000))
  throttle.lift()
  expect(out).toEqual({ sent: 1000, emptied: 1 })
})

test('a closed throttle sends nothing more', () => {
  const { out, throttle } = collect(10)
  throttle.offer(new Uint8Array(1000))
  throttle.close()
  vi.advanceTimersByTime(60_000)
  expect(out.sent).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
})
