import { expect, test } from 'vitest'
import { parseResolvConf } from './resolv-conf.ts'

test('what is not said is as in the C library', () => {
  expect(parseResolvConf('')).toEqual({
    servers: ['127.0.0.1'],
    search: [],
    ndots: 1,
    timeout: 5,
    attempts: 2,
    rotate: false,
  })
})

test('servers, search domains and options are read; comments and nonsense are not', () => {
  const text = `
    # nameserver 10.0.0.9
    nameserver 10.0.0.1
    nameserver fe80::1%eth0 ; on the link
    nameserver ns.example
    nameserver 10.0.0.3
    nameserver 10.0.0.4
    domain old.test
    search A.test. b.test
    options ndots:5 timeout:0 attempts:99
    options rotate edns0 ndots:x
    sortlist 10.0.0.0
  `
  expect(parseResolvConf(text)).toEqual({
    servers: ['10.0.0.1', 'fe80::1%eth0', '10.0.0.3'],
    search: ['a.test', 'b.test'],
    ndots: 5,
    timeout: 1,
    attempts: 5,
    rotate: true,
  })
  expect(parseResolvConf('search a\ndomain b.test').search).toEqual(['b.test'])
})

test('the environment goes before the file', () => {
  const env = { LOCALDOMAIN: 'c.test  d.test', RES_OPTIONS: 'ndots:0 timeout:1' }
  expect(parseResolvConf('search a.test\noptions ndots:3 attempts:4', env)).toMatchObject({
    search: ['c.test', 'd.test'],
    ndots: 0,
    timeout: 1,
    attempts: 4,
  })
  expect(parseResolvConf('search a.test', { LOCALDOMAIN: '' }).search).toEqual([])
})
