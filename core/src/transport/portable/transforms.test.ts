import { PassThrough, Transform } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { chain } from './transforms.ts'

test('bytes and the end walk through all', async () => {
  const parts = [new PassThrough(), new PassThrough(), new PassThrough()] as const
  const fail = vi.fn()
  chain(parts, fail)
  parts[0].end('abc')
  expect(await parts[2].toArray()).toEqual([Buffer.from('abc')])
  expect(fail).not.toHaveBeenCalled()
})

test('an error of any of them fails', async () => {
  const bad = new Transform({ transform: (_chunk, _encoding, done) => done(new Error('bad')) })
  const first = new PassThrough()
  const failed = new Promise((resolve) => chain([first, bad], resolve))
  first.write('x')
  expect(await failed).toMatchObject({ message: 'bad' })
})

test('one that is destroyed before its end fails', async () => {
  const only = new PassThrough()
  const failed = new Promise((resolve) => chain([only], resolve))
  only.destroy()
  expect(await failed).toMatchObject({ message: 'a transform closed before its end' })
})
