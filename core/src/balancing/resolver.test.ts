import { expect, test, vi } from 'vitest'
import { createResolver } from './resolver.ts'

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  ['[::1]', '::1'],
  ['unix:/run/a.sock', 'unix:/run/a.sock'],
])('%s answers at once, without a question', (host, address) => {
  const ask = vi.fn()
  expect(createResolver(ask)(host)).toEqual([address])
  expect(ask).not.toHaveBeenCalled()
})

test('one question for many callers; the addresses of the first family take turns', async () => {
  const ask = vi.fn(async () => ['10.0.0.1', '10.0.0.2', '::1'])
  const resolve = createResolver(ask)
  const answers = await Promise.all([resolve('a'), resolve('a')])
  expect(answers).toEqual([
    ['10.0.0.1', '10.0.0.2', '::1'],
    ['10.0.0.2', '10.0.0.1', '::1'],
  ])
  expect(resolve('a')).toEqual(['10.0.0.1', '10.0.0.2', '::1'])
  expect(ask).toHaveBeenCalledExactlyOnceWith('a')
})

test('while a new question fails, the last good answer stays', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    const ask = vi.fn(async () => ['10.0.0.1'])
    const resolve = createResolver(ask)
    await resolve('a')
    ask.mockRejectedValue(new Error('SERVFAIL'))
    vi.advanceTimersByTime(60_000)
    expect(resolve('a')).toEqual(['10.0.0.1'])
    await Promise.resolve()
    expect(ask).toHaveBeenCalledTimes(2)
    expect(resolve('a')).toEqual(['10.0.0.1'])
  } finally {
    vi.useRealTimers()
  }
})

test('a name without addresses is an empty list, and is not asked for again at once', async () => {
  const ask = vi.fn(async (): Promise<string[]> => {
    throw new Error('ENOTFOUND')
  })
  const resolve = createResolver(ask)
  expect(await resolve('nowhere')).toEqual([])
  expect(await resolve('nowhere')).toEqual([])
  expect(ask).toHaveBeenCalledOnce()
})

test('the system’s resolver knows localhost', async () => {
  expect(await createResolver()('localhost')).toContain('127.0.0.1')
})
