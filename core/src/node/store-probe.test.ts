import { expect, test } from 'vitest'
import { StoreError } from '../store/store.ts'
import { logOf } from './node.fixture.ts'
import { StoreProbe } from './store-probe.ts'

test('a store is reachable while it answers; its trouble is told once', async () => {
  const gone = new StoreError('unavailable', 'gone')
  const answers = [undefined, gone, gone, undefined, gone]
  const { log, lines } = logOf()
  const check = async () => {
    const answer = answers.shift()
    if (answer) throw answer
  }
  const probe = new StoreProbe({ check }, log)
  const heard: [boolean, number][] = []
  for (let n = 0; n < 5; n++) heard.push([await probe.reachable(), lines.length])
  expect(heard).toEqual([
    [true, 0],
    [false, 1],
    [false, 1],
    [true, 1],
    [false, 2],
  ])
  expect(lines[0]).toMatchObject({ level: 'error', error: 'gone' })
})

test('one that hangs is not reachable, and is asked once however many want to know', async () => {
  let asked = 0
  const hanging = Promise.withResolvers<void>()
  const check = () => {
    asked += 1
    return hanging.promise
  }
  const probe = new StoreProbe({ check }, logOf().log, 1)
  expect(await Promise.all([probe.reachable(), probe.reachable()])).toEqual([false, false])
  expect(await probe.reachable()).toBe(false)
  expect(asked).toBe(1)
  hanging.resolve()
  await hanging.promise
  expect(await probe.reachable()).toBe(true)
})
