import { once } from 'node:events'
import { PassThrough, Transform } from 'node:stream'
import { expect, test } from 'vitest'
import { containThrows } from './contain-throws.ts'

const boom = () => {
  throw new Error('boom')
}

test.each([
  ['for a chunk', new Transform({ transform: boom })],
  ['at its end', new Transform({ transform: (_chunk, _encoding, done) => done(), flush: boom })],
])('what a transform throws %s is its own error', async (_when, transform) => {
  containThrows(transform)
  const failed = once(transform, 'error')
  transform.resume().end('x')
  expect(await failed).toEqual([new Error('boom')])
})

test('what is no error becomes one', async () => {
  const transform = new Transform({
    transform() {
      throw 'words'
    },
  })
  containThrows(transform)
  const failed = once(transform, 'error')
  transform.write('x')
  expect(await failed).toMatchObject([{ message: 'words', cause: 'words' }])
})

test('what throws nothing goes on as it did', async () => {
  const transform = new PassThrough()
  containThrows(transform)
  transform.end('x')
  expect(Buffer.concat(await transform.toArray()).toString()).toBe('x')
})
