import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { StreamAllowance } from './allowance.ts'

/** A direction that always has more to send. */
function greedy(allowance: StreamAllowance) {
  const drawer = {
    got: 0,
    resume: () => {
      for (let bytes = allowance.offer(drawer); bytes > 0; bytes = allowance.offer(drawer)) {
        drawer.got += bytes
        allowance.take(drawer, bytes)
      }
    },
  }
  drawer.resume()
  return drawer
}

test('those that wait share a grant evenly; one that leaves the line leaves its part', () => {
  const allowance = new StreamAllowance(0, () => undefined)
  const drawers = [greedy(allowance), greedy(allowance), greedy(allowance)]
  allowance.grant(9000)
  expect(drawers.map(({ got }) => got)).toEqual([3000, 3000, 3000])
  const [first] = drawers
  if (first) allowance.leave(first)
  allowance.grant(9000)
  expect(drawers.map(({ got }) => got)).toEqual([3000, 7500, 7500])
})

test('small grants are turns of a packet: who had none is first the next time', () => {
  const allowance = new StreamAllowance(0, () => undefined)
  const drawers = [greedy(allowance), greedy(allowance), greedy(allowance)]
  allowance.grant(2000)
  expect(drawers.map(({ got }) => got)).toEqual([1460, 540, 0])
  allowance.grant(1460)
  expect(drawers.map(({ got }) => got)).toEqual([1460, 540, 1460])
})

test('it tells when it is low and when somebody waits, once each until a grant, and never at once', async () => {
  let heard = 0
  const allowance = new StreamAllowance(100, () => (heard += 1))
  const drawer = { resume: () => undefined }
  allowance.grant(150)
  for (const bytes of [40, 40, 40, 30]) allowance.take(drawer, bytes)
  expect(heard).toBe(0)
  await turn()
  expect(heard).toBe(1)
  expect([allowance.offer(drawer), allowance.offer({ ...drawer })]).toEqual([0, 0])
  await turn()
  expect(heard).toBe(2)
  allowance.grant(0)
  await turn()
  expect(heard).toBe(3)
})

test('closed, it holds nobody back', () => {
  const allowance = new StreamAllowance(0, () => undefined)
  let resumed = 0
  const drawer = { resume: () => (resumed += 1) }
  allowance.offer(drawer)
  allowance.close()
  expect([resumed, allowance.offer(drawer)]).toEqual([1, Infinity])
  allowance.take(drawer, 5)
  expect(allowance.left).toBe(0)
})
