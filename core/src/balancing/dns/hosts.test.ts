import { expect, test } from 'vitest'
import { parseHosts } from './hosts.ts'

test('lines of one name add up, IPv4 first; what is no line is passed over', () => {
  const hosts = parseHosts(
    '# 10.0.0.9 nobody\n::1\tA.test b\r\n10.0.0.1 a.test. # b\n10.0.0.1 a.test\nx a.test\n10.0.0.2\n\n',
  )
  expect([...hosts]).toEqual([
    ['a.test', ['10.0.0.1', '::1']],
    ['b', ['::1']],
  ])
})
