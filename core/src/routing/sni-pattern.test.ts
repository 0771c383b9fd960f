import { expect, test } from 'vitest'
import { foldName, sniPattern, sniRank, sniShapes } from './sni-pattern.ts'

test('names are folded', () => {
  expect(['A.Example.', 'a.example', 'a'].map(foldName)).toEqual(['a.example', 'a.example', 'a'])
})

test.each([
  ['A.Example.com.', sniShapes.exact, 'a.example.com'],
  ['*.Example.com', sniShapes.suffix, '.example.com'],
  ['Example.*', sniShapes.prefix, 'example.'],
])('%s', (sni, shape, key) => {
  expect(sniPattern(sni)).toEqual({ shape, key })
})

test('exact is best, then the longer suffix, then the longer prefix', () => {
  const { exact, suffix, prefix } = sniShapes
  const ranks = [sniRank(exact, 1), sniRank(suffix, 255), sniRank(suffix, 4)]
  ranks.push(sniRank(prefix, 255), sniRank(prefix, 2))
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
  expect(new Set(ranks).size).toBe(5)
})
