import { expect, test } from 'vitest'
import { localOnce } from './local-once.ts'
import { ManualClock } from './manual-clock.ts'

function make() {
  const clock = new ManualClock(0)
  const life = new AbortController()
  return { clock, life, once: localOnce('trial', clock, life.signal) }
}

test('runs once for all who ask, and again when the result is too old', async () => {
  const { clock, once } = make()
  let runs = 0
  const produce = async () => ({ run: (runs += 1) })
  const [one, two] = await Promise.all([once('list', produce), once('list', produce)])
  expect([one, two, runs]).toEqual([{ run: 1 }, { run: 1 }, 1])
  clock.advance(100)
  expect(await once('list', produce, { maxAge: 100 })).toEqual({ run: 1 })
  clock.advance(1)
  expect(await once('list', produce, { maxAge: 100 })).toEqual({ run: 2 })
  expect(await once('other', produce)).toEqual({ run: 3 })
})

test('a failure is told to those who waited, and is forgotten', async () => {
  const { once } = make()
  const fail = () => {
    throw new Error('offline')
  }
  const asked = [once('list', fail), once('list', fail)]
  for (const one of asked) await expect(one).rejects.toThrow('offline')
  expect(await once('list', async () => 7)).toBe(7)
  await expect(once('function', async () => () => 1)).rejects.toThrow('cloned')
})

test('nothing is produced after the teardown', async () => {
  const { life, once } = make()
  let heard: AbortSignal | undefined
  await once('list', async (signal) => void (heard = signal))
  life.abort()
  expect(heard?.aborted).toBe(true)
  await expect(once('list', async () => 1)).rejects.toThrow('torn down')
})
