import { expect, test } from 'vitest'
import { formats } from './formats.ts'

test.each([
  ['ip', ['10.0.0.1', '::1', '::ffff:10.0.0.1'], ['10.0.0', '10.0.0.1/8', 'fe80::1%eth0', 'a', '']],
  [
    'ip_or_cidr',
    ['10.0.0.1', '10.0.0.0/8', '0.0.0.0/0', '2001:db8::/32', '::1/128'],
    [
      '10.0.0.0/33',
      '::/129',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '10.0.0.0/-1',
      '10.0.0.0/a',
      '/8',
      'x',
      '',
    ],
  ],
  [
    'host',
    ['example.com', 'a', 'a_b.internal', 'xn--nxasmq6b', '10.0.0.1', '::1', 'host.'],
    ['', 'a b', '-a', 'a-', 'a..b', 'a:1', '10.0.0.999', `${'a.'.repeat(127)}aa`, '*.example'],
  ],
  [
    'uuid',
    ['0dc6f45b-8f8d-40d2-a504-473544ee190b'],
    ['0dc6f45b8f8d40d2a504473544ee190b', 'x', ' 0dc6f45b-8f8d-40d2-a504-473544ee190b'],
  ],
  ['filename', ['logs/a.log', 'a b'], ['a', ' a.log', 'a.log ', 'a*b', 'a`b', 'a%b']],
])('%s', (name, good, bad) => {
  expect(good.filter((value) => !formats[name]?.accepts(value))).toEqual([])
  expect(bad.filter((value) => formats[name]?.accepts(value))).toEqual([])
  for (const value of bad) expect(formats[name]?.complain(value)).toMatch(/\w/)
})
