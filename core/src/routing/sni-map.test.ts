import { expect, test } from 'vitest'
import { SniMap } from './sni-map.ts'
import { sniPattern } from './sni-pattern.ts'

const map = new SniMap<string>()
for (const sni of ['a.*', '*.com', 'a.b.com', '*.b.com', 'a.b.*', 'c.com']) {
  map.set(sniPattern(sni), sni)
}

function visited(name: string | undefined): string[] {
  const seen: string[] = []
  map.first(name, seen, (value, list) => void list.push(value))
  return seen
}

test('visits what matches, best first, until there is an answer', () => {
  expect(visited('a.b.com')).toEqual(['a.b.com', '*.b.com', '*.com', 'a.b.*', 'a.*'])
  expect(map.first('a.b.com', undefined, (value) => value)).toBe('a.b.com')
})

test('a wildcard needs something in its place', () => {
  expect([visited('com'), visited('b.com'), visited('a')]).toEqual([[], ['*.com'], []])
  expect(visited(undefined)).toEqual([])
})
