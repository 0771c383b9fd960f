import { expect, test } from 'vitest'
import { settingsOf } from './node.fixture.ts'
import { needRestart, withoutRestart } from './need-restart.ts'

const before = () => settingsOf({ prefix: '/tmp/one', admin_listen: '127.0.0.1:8001' })
const after = () =>
  settingsOf({
    prefix: '/tmp/one',
    admin_listen: '127.0.0.1:9001',
    worker_processes: '4',
    log_level: 'debug',
  })

test('what a running node cannot change is named, a line each', () => {
  expect(needRestart(before(), before())).toEqual([])
  expect(needRestart(before(), after())).toEqual([
    'admin_listen was changed; that takes effect at the next restart',
    'worker_processes was changed; that takes effect at the next restart',
  ])
})

test('the rest takes effect', () => {
  const wanted = withoutRestart(before(), after())
  expect(wanted).toEqual({ ...before(), log_level: 'debug' })
  expect(needRestart(before(), wanted)).toEqual([])
})
