import { expect, test } from 'vitest'
import type { Loads, ToWorker } from '../../balancing/messages.ts'
import { LoadsLedger } from './loads-ledger.ts'

function worker(): { told: ToWorker[]; tell(message: ToWorker): void } {
  const told: ToWorker[] = []
  return { told, tell: (message) => void told.push(message) }
}

function loads(...counts: Loads['counts']): Loads {
  return { type: 'loads', upstream: 'u', counts }
}

test('each worker hears what all others have together, and nothing of its own', () => {
  const ledger = new LoadsLedger()
  const [a, b, c] = [worker(), worker(), worker()]
  for (const each of [a, b, c]) ledger.join(each)
  ledger.receive(a, loads(['x', 2], ['y', 1]))
  ledger.receive(b, loads(['x', 3]))
  expect(a.told).toEqual([loads(['x', 3])])
  expect(b.told).toEqual([loads(['x', 2], ['y', 1])])
  expect(c.told).toEqual([loads(['x', 2], ['y', 1]), loads(['x', 5])])
})

test('a worker that starts is told what is there, and one that is gone counts no more', () => {
  const ledger = new LoadsLedger()
  const [a, b, late] = [worker(), worker(), worker()]
  for (const each of [a, b]) ledger.join(each)
  ledger.receive(a, loads(['x', 2], ['y', 1]))
  ledger.receive(a, loads(['y', 0]))
  ledger.receive(b, loads(['x', 1]))
  ledger.join(late)
  expect(late.told).toEqual([loads(['x', 3])])
  ledger.leave(a)
  expect(late.told.at(-1)).toEqual(loads(['x', 1]))
  expect(b.told.at(-1)).toEqual(loads(['x', 0]))
  ledger.receive(a, loads(['x', 9]))
  expect(late.told).toHaveLength(2)
})
