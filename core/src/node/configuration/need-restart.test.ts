import { expect, test } from 'vitest'
import { pem } from '../../settings/pem.fixture.ts'
import { settingsOf } from '../node.fixture.ts'
import { needRestart, withoutRestart } from './need-restart.ts'

const before = () => settingsOf({ prefix: '/tmp/one', admin_listen: '127.0.0.1:8001' })
const after = () =>
  settingsOf({
    prefix: '/tmp/one',
    admin_listen: '127.0.0.1:9001',
    worker_processes: '4',
    dns_order: 'A',
    log_level: 'debug',
  })

test('what a running node cannot change is named, a line each', () => {
  expect(needRestart(before(), before())).toEqual([])
  expect(needRestart(before(), after())).toEqual([
    'dns_order was changed; that takes effect at the next restart',
    'admin_listen was changed; that takes effect at the next restart',
    'worker_processes was changed; that takes effect at the next restart',
  ])
})

test('the rest takes effect', () => {
  const wanted = withoutRestart(before(), after())
  expect(wanted).toEqual({ ...before(), log_level: 'debug' })
  expect(needRestart(before(), wanted)).toEqual([])
})

const authority = Buffer.from(pem['a.crt']).toString('base64')
const other = Buffer.from(pem['b.crt']).toString('base64')
const tls = { prefix: '/tmp/one', admin_listen: '127.0.0.1:8444 ssl' }

test('the authorities for clients may change, but not whether a certificate is asked for', () => {
  const asking = settingsOf({ ...tls, admin_ssl_client_certificate: authority })
  const asksOther = settingsOf({ ...tls, admin_ssl_client_certificate: other })
  const without = settingsOf(tls)
  const line = 'admin_ssl_client_certificate was changed; that takes effect at the next restart'
  expect(withoutRestart(asking, asksOther)).toEqual(asksOther)
  expect(needRestart(asking, asksOther)).toEqual([])
  for (const [one, two] of [
    [asking, without],
    [without, asking],
  ] as const) {
    expect(withoutRestart(one, two)).toEqual(one)
    expect(needRestart(one, two)).toEqual([line])
  }
})

test('a token may change, and may not go while an address needs it that stays', () => {
  const at = (address: string, admin_token: string) =>
    settingsOf({ prefix: '/tmp/one', admin_listen: address, admin_token })
  const open = at('0.0.0.0:8001', 'sixteen-letters!')
  expect(withoutRestart(open, at('0.0.0.0:8001', 'sixteen-letters?')).admin_token).toMatch(/\?$/)
  expect(() => withoutRestart(open, at('127.0.0.1:8001', ''))).toThrow(
    "admin_listen: '0.0.0.0:8001' can be reached by other machines",
  )
  const closed = at('127.0.0.1:8001', 'sixteen-letters!')
  expect(withoutRestart(closed, at('127.0.0.1:8001', '')).admin_token).toBeUndefined()
})
