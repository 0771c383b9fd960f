import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LogLevel } from './log-level.ts'
import { logOf } from '../node.fixture.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function levelOf() {
  const { log, lines } = logOf()
  const told: string[] = []
  const level = new LogLevel('notice', log, { setLogLevel: (name) => void told.push(name) })
  return { level, log, lines, told }
}

test('a change holds everywhere for its time, then what is configured does', () => {
  const { level, log, lines, told } = levelOf()
  level.change('debug', 60)
  expect([level.current, log.level, ...told]).toEqual(['debug', 'debug', 'debug'])
  vi.advanceTimersByTime(59_999)
  expect(level.current).toBe('debug')
  vi.advanceTimersByTime(1)
  expect([level.current, log.level, ...told]).toEqual(['notice', 'notice', 'debug', 'notice'])
  expect(lines).toMatchObject([{ log_level: 'debug' }, { log_level: 'notice' }])
})

test('a later change has a time of its own', () => {
  const { level } = levelOf()
  level.change('debug', 10)
  vi.advanceTimersByTime(9_000)
  level.change('info', 10)
  vi.advanceTimersByTime(9_000)
  expect(level.current).toBe('info')
  vi.advanceTimersByTime(1_000)
  expect(level.current).toBe('notice')
})

test.each([0, 1e9])('a change for %d seconds does not end at once', (seconds) => {
  const { level } = levelOf()
  level.change('crit', seconds)
  vi.advanceTimersByTime(86_400_000)
  expect(level.current).toBe('crit')
})

test('a reload ends it, with the level that is configured then', () => {
  const { level, told } = levelOf()
  level.change('debug', 60)
  level.configure('warn')
  vi.advanceTimersByTime(60_000)
  expect([level.current, ...told]).toEqual(['warn', 'debug', 'warn'])
  level.change('emerg', 1)
  vi.advanceTimersByTime(1_000)
  expect(level.current).toBe('warn')
})
