import { expect, test } from 'vitest'
import { frame, messageWriter } from './message.ts'

const endedAt = Date.UTC(2026, 0, 2, 3, 4, 5, 6)

test.each([
  ['user', 'info', 14],
  ['kern', 'emerg', 0],
  ['local7', 'debug', 191],
  ['authpriv', 'err', 83],
] as const)('%s.%s is priority %i', (facility, severity, priority) => {
  const write = messageWriter({ facility, app_name: 'kong' }, 'node-1')
  expect(write(severity, endedAt, '{"a":1}')).toBe(
    `<${priority}>1 2026-01-02T03:04:05.006Z node-1 kong ${process.pid} connection - {"a":1}`,
  )
})

test('a host’s name that cannot be told is a hyphen', () => {
  const write = messageWriter({ facility: 'user', app_name: 'kong' }, ' ü ')
  expect(write('info', endedAt, '')).toContain('Z - kong ')
})

test('a frame counts bytes, not characters', () => {
  expect(frame('größe')).toBe('7 größe')
})
