import { expect, test } from 'vitest'
import { logTo } from './log-lines.ts'
import type { Line } from './log-lines.ts'

test('keeps what was logged, in order, with its level', () => {
  const lines: Line[] = []
  const log = logTo(lines)
  log.debug({ a: 1 }, 'one')
  log.info({}, 'two')
  log.warn({}, 'three')
  log.error({}, 'four')
  expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'debug one',
    'info two',
    'warn three',
    'error four',
  ])
  expect(lines[0]?.fields).toEqual({ a: 1 })
})
