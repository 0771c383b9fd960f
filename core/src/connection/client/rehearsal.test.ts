import { expect, test } from 'vitest'
import { Rehearsal } from './rehearsal.ts'

function rehearsing(bytes: string, limit = 16) {
  const looks: number[] = []
  const peek = (atLeast: number) => {
    looks.push(atLeast)
    return Promise.resolve(new Uint8Array(Buffer.from(bytes)))
  }
  return { rehearsal: new Rehearsal('mine', peek, limit), looks }
}

const textOf = async (bytes: Promise<Uint8Array>) => String(Buffer.from(await bytes))

test('what is taken is passed over by the next look, and stays where it is', async () => {
  const { rehearsal, looks } = rehearsing('abcdef')
  expect(await textOf(rehearsal.take(2))).toBe('ab')
  expect(await textOf(rehearsal.peek(3))).toBe('cdef')
  expect(await textOf(rehearsal.take(3))).toBe('cde')
  expect(await textOf(rehearsal.peek(1))).toBe('f')
  expect(looks).toEqual([2, 5, 5, 6])
})

test('after it has spoken it waits for nobody, and sees what is there', async () => {
  const { rehearsal, looks } = rehearsing('abcdef')
  await rehearsal.take(2)
  await rehearsal.say(Buffer.from('N'))
  expect(await textOf(rehearsal.peek(8))).toBe('cdef')
  expect(looks).toEqual([2, 2])
})

test('one that speaks first hears nothing at all', async () => {
  const { rehearsal, looks } = rehearsing('abcdef')
  await rehearsal.say(Buffer.from('220 hello'))
  expect(await textOf(rehearsal.take(4))).toBe('')
  expect(looks).toEqual([])
})

test('to have said nothing is not to have spoken', async () => {
  const { rehearsal } = rehearsing('abc')
  await rehearsal.say(Buffer.alloc(0))
  expect(await textOf(rehearsal.take(4))).toBe('abc')
})

test('no look goes beyond the buffer; one that asks for more than that is refused as ever', async () => {
  const { rehearsal, looks } = rehearsing('abcdef', 6)
  await rehearsal.take(4)
  expect(await textOf(rehearsal.peek(6))).toBe('ef')
  await rehearsal.peek(7)
  expect(looks).toEqual([4, 6, 7])
})
