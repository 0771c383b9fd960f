import { expect, test } from 'vitest'
import { descriptorWarning } from './descriptor-limit.ts'

test('two descriptors for each connection, and some for the rest', () => {
  expect(descriptorWarning(1000, 2256)).toEqual([])
  expect(descriptorWarning(1000, 2255)).toEqual([
    'max_connections = 1000 needs 2256 file descriptors, but this process may open 2255; raise "ulimit -n"',
  ])
})

test('without max_connections nothing is needed', () => {
  expect(descriptorWarning(0, 1)).toEqual([])
})

test('the limit of this process is known', () => {
  expect(descriptorWarning(1_000_000_000)).toHaveLength(1)
})
