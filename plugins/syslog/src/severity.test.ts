import { expect, test } from 'vitest'
import { severityOf } from './severity.ts'

const config = {
  log_level: 'notice',
  successful_severity: 'info',
  client_errors_severity: 'notice',
  server_errors_severity: 'err',
} as const

test.each([
  [200, undefined],
  [400, 'notice'],
  [403, 'notice'],
  [500, 'err'],
  [503, 'err'],
])('a connection that ended with %i is %s', (status, severity) => {
  expect(severityOf(status, config)).toBe(severity)
})

test('what is as severe as the level is told', () => {
  expect(severityOf(200, { ...config, log_level: 'info' })).toBe('info')
  expect(severityOf(503, { ...config, log_level: 'emerg' })).toBeUndefined()
})
