import { expect, test } from 'vitest'
import { after } from './after.ts'

test('goes on at once, or once the value is there', async () => {
  const double = (value: number): number => value * 2
  expect(after(1, double)).toBe(2)
  const late = after(Promise.resolve(2), double)
  expect(late).toBeInstanceOf(Promise)
  expect(await late).toBe(4)
  const failing = after(Promise.reject(new Error('no')), double)
  await expect(failing).rejects.toThrow('no')
})
