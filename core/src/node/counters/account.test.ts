import { expect, test } from 'vitest'
import { dropWorker, isIdle, lineOf, openAccount, openLine, takenOf } from './account.ts'

test.each([
  [undefined, 3, false],
  [1000, 7, false],
])('drops a worker of the window %s', (until, taken, idle) => {
  const account = openAccount('k', until, 10)
  expect(isIdle(account, 0)).toBe(until === undefined)
  openLine(account, 1).granted = 4
  openLine(account, 2).granted = 3
  expect(openLine(account, 1)).toBe(lineOf(account, 1))
  account.queue.push({ worker: 1, limit: 10, wanted: 1 }, { worker: 2, limit: 10, wanted: 1 })
  expect(takenOf(account, 0)).toBe(7)
  dropWorker(account, 1)
  expect([takenOf(account, 0), account.queue.length, isIdle(account, 0)]).toEqual([taken, 1, idle])
  expect(lineOf(account, 1)).toBeUndefined()
})

test('of permits that come back by themselves a worker has none', () => {
  const account = openAccount('k', undefined, 10, { every: 10 })
  account.returning?.take(100)
  openLine(account, 1)
  dropWorker(account, 1)
  expect([takenOf(account, 109), isIdle(account, 109)]).toEqual([1, false])
  expect([takenOf(account, 110), isIdle(account, 110)]).toEqual([0, true])
})
