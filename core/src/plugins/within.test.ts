import { expect, test, vi } from 'vitest'
import { within } from './within.ts'

test('answers with what the work answers, or throws what it throws', async () => {
  expect(await within(1000, () => 1)).toBe(1)
  expect(await within(1000, async () => 2)).toBe(2)
  await expect(
    within(1000, () => {
      throw new Error('boom')
    }),
  ).rejects.toThrow('boom')
})

test('gives up after its time; what comes later is handed over', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const tooLate = vi.fn()
  await expect(within(5, () => promise, tooLate)).rejects.toThrow('did not settle within 5 ms')
  resolve('late')
  await promise
  await Promise.resolve()
  expect(tooLate).toHaveBeenCalledExactlyOnceWith('late')
})

test('a rejection that comes too late is nobody’s', async () => {
  const { promise, reject } = Promise.withResolvers<string>()
  await expect(within(5, () => promise)).rejects.toThrow('did not settle')
  reject(new Error('late'))
  await new Promise((resolve) => setImmediate(resolve))
})
