import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createErrorLog, pluginLog } from './log.ts'
import { temporaryFolder } from '../node.fixture.ts'

const lines = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))

test('a line is on disk when the call returns, with its level by name', () => {
  const path = join(temporaryFolder(), 'logs', 'error.log')
  const { log } = createErrorLog({ error_log: { path }, log_level: 'notice' })
  log.info('too little')
  log.notice({ port: 5555 }, 'listening')
  expect(lines(path)).toMatchObject([
    { level: 'notice', pid: process.pid, port: 5555, msg: 'listening' },
  ])
})

test('a rotated file is opened again', () => {
  const path = join(temporaryFolder(), 'error.log')
  const opened = createErrorLog({ error_log: { path }, log_level: 'warn' })
  opened.log.warn('before')
  renameSync(path, `${path}.1`)
  opened.reopen()
  opened.log.warn('after')
  expect(lines(path)).toMatchObject([{ msg: 'after' }])
  expect(lines(`${path}.1`)).toMatchObject([{ msg: 'before' }])
})

test('a full disk ends nobody', () => {
  const { log } = createErrorLog({ error_log: { path: '/dev/full' }, log_level: 'warn' })
  expect(() => {
    for (let n = 0; n < 3; n++) log.warn({ filler: 'x'.repeat(1000) }, 'full')
  }).not.toThrow()
})

test('a plugin says who it is, at the level that holds; off is off', () => {
  const path = join(temporaryFolder(), 'error.log')
  const { log } = createErrorLog({ error_log: { path }, log_level: 'warn' })
  const guard = pluginLog(log, 'guard', 'i1')
  guard.debug({}, 'too much')
  guard.warn({}, 'careful')
  expect(lines(path)).toMatchObject([{ plugin: 'guard', instance: 'i1', msg: 'careful' }])
  log.level = 'debug'
  guard.debug({}, 'seen')
  log.level = 'emerg'
  guard.error({}, 'unseen')
  expect(lines(path)).toMatchObject([{ msg: 'careful' }, { msg: 'seen', level: 'debug' }])
  const silent = createErrorLog({ error_log: 'off', log_level: 'debug' })
  silent.log.crit('nobody hears')
  silent.reopen()
  expect(existsSync('off')).toBe(false)
})
