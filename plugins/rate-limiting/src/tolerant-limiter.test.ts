import { expect, test } from 'vitest'
import { TolerantLimiter } from './tolerant-limiter.ts'

const limiter = (answer: boolean) => ({ take: () => answer })
const broken = {
  take: async (): Promise<boolean> => {
    throw new Error('away')
  },
}

test('the fallback is asked only while the limiter fails', async () => {
  expect(await new TolerantLimiter(limiter(false), limiter(true)).take('k')).toBe(false)
  expect(await new TolerantLimiter(broken, limiter(true)).take('k')).toBe(true)
  expect(await new TolerantLimiter(broken, limiter(false)).take('k')).toBe(false)
})
