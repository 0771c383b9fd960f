import { expect, test } from 'vitest'
import { peekAt } from './peek.ts'

const chunks = ['ab', 'cd', 'ef'].map((text) => Buffer.from(text))

async function look(atLeast: number, ends = true): Promise<string> {
  return Buffer.from(await peekAt(chunks, ends).peek(atLeast)).toString()
}

test('answers with whole chunks, at least as much as was asked for, or all there is', async () => {
  expect(await look(1)).toBe('ab')
  expect(await look(2)).toBe('ab')
  expect(await look(3)).toBe('abcd')
  expect(await look(16_384)).toBe('abcdef')
})

test('silence ends at the deadline', async () => {
  const looking = peekAt(chunks, false)
  await looking.peek(6)
  expect(looking.expired).toBeUndefined()
  await expect(looking.peek(7)).rejects.toThrow('fewer than 7 bytes arrived in time')
  expect(looking.expired?.fate.ending).toBe('client.preread.timeout')
})

test.each([0, -1, 1.5, 16_385, Number.NaN])(
  'peek(%s) is a mistake of the plugin',
  async (atLeast) => {
    await expect(look(atLeast)).rejects.toThrow(RangeError)
  },
)

test('when the phase is over nobody may look any more, and a look that nobody waited for is given up', async () => {
  const looking = peekAt(chunks, false)
  const late = looking.peek(7)
  looking.close()
  await expect(late).rejects.toThrow('peek(n) belongs to the phase preread')
  await expect(looking.peek(1)).rejects.toThrow('peek(n) belongs to the phase preread')
  expect(looking.expired).toBeUndefined()
})

test('what was shown cannot be changed', async () => {
  const looking = peekAt(chunks, true)
  ;(await looking.peek(1)).fill(0)
  expect(Buffer.from(await looking.peek(1)).toString()).toBe('ab')
})
