import { expect, test } from 'vitest'
import type { Upstream } from '../entities/rows.ts'
import { NamedUpstreams } from './named-upstreams.ts'

const row = (id: string, name: string) => ({ id, name }) as Upstream

test('an upstream is found by its name, also after it has another one', () => {
  const upstreams = new NamedUpstreams()
  upstreams.apply({ op: 'put', row: row('1', 'a') })
  expect(upstreams.find('a')).toEqual({ id: '1', name: 'a' })
  upstreams.apply({ op: 'put', row: row('1', 'b') })
  expect([upstreams.find('a'), upstreams.find('b')?.id]).toEqual([undefined, '1'])
  upstreams.apply({ op: 'delete', id: '1' })
  upstreams.apply({ op: 'delete', id: '2' })
  expect(upstreams.find('b')).toBeUndefined()
})

test('two that swap their names in one change are both found', () => {
  const upstreams = new NamedUpstreams()
  upstreams.apply({ op: 'put', row: row('1', 'a') })
  upstreams.apply({ op: 'put', row: row('2', 'b') })
  upstreams.apply({ op: 'put', row: row('1', 'b') })
  upstreams.apply({ op: 'put', row: row('2', 'a') })
  expect([upstreams.find('a')?.id, upstreams.find('b')?.id]).toEqual(['2', '1'])
})
