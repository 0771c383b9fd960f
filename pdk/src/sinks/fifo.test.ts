import { expect, test } from 'vitest'
import { Fifo } from './fifo.ts'

test('what came first goes first, and the size is that of what waits', () => {
  const fifo = new Fifo<string>(({ length }) => length)
  for (const item of ['a', 'bb', 'ccc']) fifo.push(item)
  expect([fifo.length, fifo.size]).toEqual([3, 6])
  expect(fifo.take(2)).toEqual(['a', 'bb'])
  expect([fifo.length, fifo.size]).toEqual([1, 3])
  expect(fifo.take(5)).toEqual(['ccc'])
  expect(fifo.take(5)).toEqual([])
  expect([fifo.length, fifo.size]).toEqual([0, 0])
})

test('the order holds while it moves up', () => {
  const fifo = new Fifo<number>(() => 1)
  const taken: number[] = []
  for (let item = 0; item < 10_000; item++) {
    fifo.push(item)
    if (item % 3 !== 0) taken.push(...fifo.take(1))
  }
  taken.push(...fifo.take(10_000))
  expect(taken).toEqual(Array.from({ length: 10_000 }, (_, index) => index))
})
