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

test('what is taken is not there any more, whatever the chunks', async () => {
  const looking = peekAt(chunks, true)
  const text = async (bytes: Promise<Uint8Array>) => Buffer.from(await bytes).toString()
  expect(await text(looking.take(3))).toBe('abc')
  expect(await text(looking.peek(2))).toBe('def')
  expect([looking.taken, Buffer.concat(looking.rest).toString()]).toEqual([3, 'def'])
  expect(await text(looking.take(9))).toBe('def')
  await expect(looking.take(0)).rejects.toThrow('take(n) takes 1 to 16384 bytes, not 0')
})

test('what is said is kept, and has an end', async () => {
  const looking = peekAt([], true)
  await looking.say('220 ')
  await looking.say(Buffer.from('hello'))
  expect(Buffer.concat(looking.said).toString()).toBe('220 hello')
  await expect(looking.say('x'.repeat(65_528))).rejects.toThrow('65536 bytes to a connection')
  looking.close()
  await expect(looking.say('late')).rejects.toThrow('say(bytes) belongs to the phase preread')
})
