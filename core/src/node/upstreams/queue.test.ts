import { expect, test } from 'vitest'
import { Queue } from './queue.ts'

const worker = { tell: () => undefined }
const other = { tell: () => undefined }

test('the order of arrival stays, whoever leaves', () => {
  const queue = new Queue()
  expect(queue.first).toBeUndefined()
  for (const ticket of [1, 2, 3]) queue.append({ worker, ticket })
  queue.append({ worker: other, ticket: 1 })
  queue.remove(worker, 2)
  queue.remove(other, 9)
  const order: number[] = []
  for (let { first } = queue; first; first = queue.first) {
    order.push(first.ticket)
    queue.remove(first.worker, first.ticket)
  }
  expect(order).toEqual([1, 3, 1])
})

test('a worker goes with all its places; those that yield go first come, first gone', () => {
  const queue = new Queue()
  for (const ticket of [1, 2, 3]) queue.append({ worker, ticket })
  queue.append({ worker: other, ticket: 4 })
  queue.yield(worker, 3)
  queue.yield(worker, 2)
  expect(queue.someYields).toBe(true)
  expect(queue.removeYielding()).toEqual({ worker, ticket: 3 })
  queue.removeAll(worker)
  expect([queue.size, queue.someYields, queue.removeYielding()]).toEqual([1, false, undefined])
  queue.removeAll(worker)
  expect(queue.first).toEqual({ worker: other, ticket: 4 })
})
