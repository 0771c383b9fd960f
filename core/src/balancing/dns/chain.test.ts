import { expect, test } from 'vitest'
import { followChain } from './chain.ts'
import type { DnsRecord } from './records.ts'

const link = (name: string, data: string, ttl = 60): DnsRecord => ({
  name,
  type: 'CNAME',
  ttl,
  data,
})

test('a chain is followed to its end, in whatever order it came', () => {
  const records = [link('b', 'c', 7), link('x', 'y'), link('a', 'b', 9)]
  expect(followChain(records, 'a')).toEqual({ name: 'c', ttl: 7 })
  expect(followChain(records, 'c')).toEqual({ name: 'c', ttl: Infinity })
})

test('sixteen links are followed, more are taken for a loop', () => {
  const links = (count: number) =>
    Array.from({ length: count }, (_, index) => link(`n${index}`, `n${index + 1}`))
  expect(followChain(links(16), 'n0')?.name).toBe('n16')
  expect(followChain(links(17), 'n0')).toBeUndefined()
  expect(followChain([link('a', 'b'), link('b', 'a')], 'a')).toBeUndefined()
})
