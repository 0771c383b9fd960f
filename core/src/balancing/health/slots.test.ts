import { expect, test } from 'vitest'
import { Slots } from './slots.ts'

function jobs() {
  const started: string[] = []
  const ends = new Map<string, () => void>()
  const job =
    (name: string, fails = false) =>
    async () => {
      started.push(name)
      await new Promise<void>((resolve) => ends.set(name, resolve))
      if (fails) throw new Error(name)
    }
  const end = async (name: string) => {
    ends.get(name)?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { started, job, end }
}

test('no more than so many work at a time, in order; one that fails makes room, too', async () => {
  const { started, job, end } = jobs()
  const slots = new Slots(2)
  const failed = slots.run(job('a', true)).catch((error: Error) => error.message)
  const rest = ['b', 'c', 'd'].map((name) => slots.run(job(name)))
  expect(started).toEqual(['a', 'b'])
  await end('a')
  expect(await failed).toBe('a')
  expect(started).toEqual(['a', 'b', 'c'])
  await end('b')
  expect(started).toEqual(['a', 'b', 'c', 'd'])
  await end('c')
  await end('d')
  await Promise.all(rest)
})

test('a limit that grows lets more in at once, and one that shrinks lets nobody in', async () => {
  const { started, job, end } = jobs()
  const slots = new Slots(1)
  const all = ['a', 'b', 'c'].map((name) => slots.run(job(name)))
  slots.limit = 2
  await end('')
  expect(started).toEqual(['a', 'b'])
  slots.limit = 1
  await end('a')
  expect(started).toEqual(['a', 'b'])
  await end('b')
  expect(started).toEqual(['a', 'b', 'c'])
  await end('c')
  await Promise.all(all)
})
