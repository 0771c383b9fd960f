import { Transform } from 'node:stream'
import { expect, test } from 'vitest'
import { blame } from '../errors/plugin-failure.ts'
import { instanceOf } from '../pipeline/instances.fixture.ts'
import { Attached } from './attached.ts'

const ends = (transform: Transform) => new Promise((resolve) => transform.once('close', resolve))

test('an observer that throws is blamed on its plugin, once; who sees well is not told', async () => {
  const bad = await instanceOf('throws')
  const attached = new Attached()
  const seen: number[] = []
  attached.observe(await instanceOf('sees'), 'download', (chunk) => seen.push(chunk.length))
  attached.observe(bad, 'download', () => {
    throw new Error('boom')
  })
  const [first, second] = attached.observers.download
  first?.(new Uint8Array(3))
  expect(seen).toEqual([3])
  expect(() => second?.(new Uint8Array())).toThrow('plugin throws, proxy: boom')
  second?.(new Uint8Array())
  expect(bad.conduct.stats.failed).toBe(1)
  expect(attached.observers.upload).toEqual([])
})

test('a transform that closes before the end of the stream is a failure of its plugin', async () => {
  const attached = new Attached()
  const transform = new Transform()
  const early = await instanceOf('early')
  attached.through(early, 'upload', transform)
  attached.drop()
  await ends(transform)
  // A connection that ends in another way closes its transforms, too.
  expect(early.conduct.stats.failed).toBe(0)
  expect(attached.accuse(new Error('any'))).toEqual(
    blame(
      'early',
      'proxy',
      new Error('its transform closed before the end of the stream'),
      'plugin_stream_failed',
    ),
  )
  expect(early.conduct.stats.failed).toBe(1)
})

test('a connection goes on without an observer of a plugin that fails open, or in shadow mode', async () => {
  for (const terms of [
    { isShadow: false, onError: 'open' },
    { isShadow: true, onError: 'close' },
  ] as const) {
    const instance = await instanceOf('throws')
    instance.conduct.follow({ ...terms, timeout: undefined })
    const attached = new Attached()
    let calls = 0
    attached.observe(instance, 'upload', () => {
      calls += 1
      throw new Error('boom')
    })
    for (let chunk = 0; chunk < 3; chunk++) attached.observers.upload[0]?.(new Uint8Array())
    expect({ calls, failed: instance.conduct.failed }).toEqual({ calls: 1, failed: 1 })
  }
})

test('a plugin whose terms say so is disabled by a transform that fails', async () => {
  const instance = await instanceOf('bad')
  instance.conduct.follow({ isShadow: false, onError: 'disable', timeout: undefined })
  const attached = new Attached()
  const transform = new Transform()
  attached.through(instance, 'upload', transform)
  transform.destroy(new Error('boom'))
  await ends(transform)
  expect(attached.accuse(new Error('any'))).toMatchObject({ plugin: 'bad', reason: 'boom' })
  expect(instance.conduct).toMatchObject({ failed: 1, isDisabled: true })
})

test('without a failure of its own an error stays what it is', () => {
  const error = new Error('any')
  expect(new Attached().accuse(error)).toBe(error)
})
