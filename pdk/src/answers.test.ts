import { expect, test } from 'vitest'
import { faultOf } from './answers.ts'
import { passthrough, reject, terminate } from './verdicts.ts'

test.each([
  ['accept', reject('no')],
  ['preread', reject('no')],
  ['tls', terminate()],
  ['tls', passthrough],
  ['tls', terminate({ alpn: [] })],
  ['tls', terminate({ alpn: ['h2', 'x'.repeat(255)] })],
  ['balance', reject('no')],
  ['balance', { host: 'a', port: 1 }],
  ['balance', { host: 'unix:run/db.sock', port: 0 }],
  ['proxy', 'anything'],
  ['log', 1],
  ['log', reject('too late')],
] as const)('in %s %j is an answer', (phase, answer) => {
  expect(faultOf(phase, answer)).toBeUndefined()
})

test.each([
  ['accept', true, /reject/],
  ['preread', { reason: 'no' }, /reject/],
  ['tls', reject('no'), /passthrough/],
  ['tls', terminate({ alpn: [''] }), /1 to 255 bytes/],
  ['tls', terminate({ alpn: ['x'.repeat(256)] }), /1 to 255 bytes/],
  ['tls', terminate({ alpn: Array.from({ length: 300 }, () => 'x'.repeat(255)) }), /no list/],
  ['tls', terminate({ alpn: 'h2' as never }), /no list/],
  ['proxy', reject('too late'), /no verdict/],
  ['proxy', passthrough, /no verdict/],
  ['balance', 'a:1', /no target/],
  ['balance', { port: 1 }, /no host/],
  ['balance', { host: '', port: 1 }, /no host/],
  ['balance', { host: 'a' }, /no port/],
  ['balance', { host: 'a', port: 1.5 }, /no port/],
  ['balance', { host: 'a', port: 65_536 }, /no port/],
] as const)('in %s %j is a fault', (phase, answer, fault) => {
  expect(faultOf(phase, answer)).toMatch(fault)
})
