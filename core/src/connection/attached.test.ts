import { Transform } from 'node:stream'
import { expect, test } from 'vitest'
import { blame } from '../errors/plugin-failure.ts'
import { Attached } from './attached.ts'

const ends = (transform: Transform) => new Promise((resolve) => transform.once('close', resolve))

test('an observer that throws is blamed on its plugin; who sees well is not told', () => {
  const attached = new Attached()
  const seen: number[] = []
  attached.observe('sees', 'download', (chunk) => seen.push(chunk.length))
  attached.observe('throws', 'download', () => {
    throw new Error('boom')
  })
  const [first, second] = attached.observers.download
  first?.(new Uint8Array(3))
  expect(seen).toEqual([3])
  expect(() => second?.(new Uint8Array())).toThrow('plugin throws, proxy: boom')
  expect(attached.observers.upload).toEqual([])
})

test('a transform that closes before the end of the stream is a failure of its plugin', async () => {
  const attached = new Attached()
  const transform = new Transform()
  attached.through('early', 'upload', transform)
  attached.drop()
  await ends(transform)
  expect(attached.failureOf(new Error('any'))).toEqual(
    blame(
      'early',
      'proxy',
      new Error('its transform closed before the end of the stream'),
      'plugin_stream_failed',
    ),
  )
})

test('without a failure of its own an error stays what it is', () => {
  const error = new Error('any')
  expect(new Attached().failureOf(error)).toBe(error)
})
