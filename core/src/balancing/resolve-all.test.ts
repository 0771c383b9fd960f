import { expect, test } from 'vitest'
import { resolveAll } from './resolve-all.ts'
import { createResolver } from './resolver.ts'

const patient = { together: 2, each: 60_000, total: 60_000 }

function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}

test('every host is asked for once, and no more than so many together', async () => {
  const asked: string[] = []
  let open = 0
  let most = 0
  const resolve = createResolver(async (host) => {
    asked.push(host)
    most = Math.max(most, ++open)
    await new Promise((done) => setImmediate(done))
    open--
    return [`10.0.0.${host.length}`]
  })
  const found = await resolveAll(resolve, ['a', 'bb', 'ccc', 'a', '127.0.0.1', '::1'], patient)
  expect(Object.fromEntries(found)).toEqual({
    a: ['10.0.0.1'],
    bb: ['10.0.0.2'],
    ccc: ['10.0.0.3'],
    '127.0.0.1': ['127.0.0.1'],
    '::1': ['::1'],
  })
  expect(asked.toSorted()).toEqual(['a', 'bb', 'ccc'])
  expect(most).toBe(2)
})

test('a silent name server holds up nothing but its name', async () => {
  const resolve = createResolver((host) => (host === 'silent' ? never() : Promise.resolve(['::2'])))
  const limits = { together: 1, each: 1, total: 60_000 }
  const found = await resolveAll(resolve, ['silent', 'a', '::1'], limits)
  expect(Object.fromEntries(found)).toEqual({ a: ['::2'], '::1': ['::1'] })
})

test('when the time is over, nobody is asked any more', async () => {
  const asked: string[] = []
  let now = 0
  const resolve = createResolver(async (host) => {
    asked.push(host)
    now = 20
    return ['10.0.0.1']
  })
  const limits = { together: 1, each: 60_000, total: 20, now: () => now }
  const found = await resolveAll(resolve, ['a', 'b', 'c', '127.0.0.1'], limits)
  expect(asked).toEqual(['a'])
  expect(Object.fromEntries(found)).toEqual({ a: ['10.0.0.1'], '127.0.0.1': ['127.0.0.1'] })
})
