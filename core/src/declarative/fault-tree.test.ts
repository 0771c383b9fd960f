import { expect, test } from 'vitest'
import { FaultTree } from './fault-tree.ts'

test('positions make arrays with null for what is right', () => {
  const tree = new FaultTree()
  expect(tree.isEmpty).toBe(true)
  tree.add(['services', 3], { host: 'missing' })
  tree.add(['services', 3, 'routes', 2], { '@entity': ['nothing to match'] })
  tree.add(['extra'], 'unknown field')
  expect(tree.isEmpty).toBe(false)
  expect(tree.toJSON()).toEqual({
    services: [
      null,
      null,
      { host: 'missing', routes: [null, { '@entity': ['nothing to match'] }] },
    ],
    extra: 'unknown field',
  })
})

test('names beside positions make an object', () => {
  const tree = new FaultTree()
  tree.add(['routes', 2], 'twice')
  tree.add(['routes', 'web'], ['no service'])
  tree.add(['routes', 'web'], ['no certificate'])
  expect(tree.toJSON()).toEqual({ routes: { '2': 'twice', web: ['no service', 'no certificate'] } })
})

test.each([
  ['the row first', ['whole', 'part']],
  ['its part first', ['part', 'whole']],
])('what is said of a row stands beside what is said of its parts: %s', (_name, order) => {
  const tree = new FaultTree()
  for (const each of order) {
    if (each === 'whole') tree.add(['services', 1], 'twice')
    else tree.add(['services', 1, 'routes', 1], 'twice, too')
  }
  expect(tree.toJSON()).toEqual({ services: [{ '@entity': ['twice'], routes: ['twice, too'] }] })
})

test('the first fault of a field stays', () => {
  const tree = new FaultTree()
  tree.add(['a'], 'one')
  tree.add(['a'], 'other')
  expect(tree.toJSON()).toEqual({ a: 'one' })
})
