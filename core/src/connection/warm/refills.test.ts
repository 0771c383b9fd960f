import { expect, test } from 'vitest'
import { Refills } from './refills.ts'

class FakeShelf {
  has = 0
  readonly wanted: number
  readonly pending: (() => void)[] = []

  constructor(wanted: number) {
    this.wanted = wanted
  }

  get lacks(): boolean {
    return this.has < this.wanted
  }

  add(): Promise<void> {
    this.has += 1
    return new Promise((resolve) => this.pending.push(resolve))
  }
}

const settle = () => new Promise(setImmediate)

test('shelves are filled in turn, and not more at the same time than is allowed', async () => {
  const refills = new Refills(3)
  const [big, small] = [new FakeShelf(5), new FakeShelf(1)]
  refills.nudge(big)
  refills.nudge(small)
  refills.nudge(big)
  expect([big.pending.length, small.pending.length]).toEqual([3, 0])
  big.pending[0]?.()
  await settle()
  expect([big.pending.length, small.pending.length]).toEqual([4, 0])
  big.pending[1]?.()
  await settle()
  expect([big.pending.length, small.pending.length]).toEqual([4, 1])
  for (let index = 2; index < 5; index++) {
    big.pending[index]?.()
    small.pending[0]?.()
    await settle()
  }
  expect([big.has, small.has]).toEqual([5, 1])
})

test('what is full, or rests, is asked again when it says so', async () => {
  const refills = new Refills(1)
  const shelf = new FakeShelf(1)
  refills.nudge(shelf)
  shelf.pending[0]?.()
  await settle()
  expect(shelf.pending).toHaveLength(1)
  shelf.has = 0
  refills.nudge(shelf)
  expect(shelf.pending).toHaveLength(2)
})
