import { expect, test } from 'vitest'
import { place } from './running-place.ts'
import { beginRun, endRun, phaseNumber, preparing, running } from './running.ts'

const now = () => [running[place.serial], running[place.phase], running[place.preparing]]

test('says who runs in which phase, and whether something is prepared', async () => {
  beginRun(7, phaseNumber('preread'))
  expect(now()).toEqual([7, 1, 0])
  endRun()
  const { promise, reject } = Promise.withResolvers<never>()
  const work = preparing(() => promise)
  expect(now()).toEqual([0, 1, 1])
  reject(new Error('no'))
  await expect(work).rejects.toThrow('no')
  expect(await preparing(async () => 3)).toBe(3)
  expect(now()).toEqual([0, 1, 0])
})
