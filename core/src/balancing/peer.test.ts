import { expect, test } from 'vitest'
import { peersOf } from './pools.fixture.ts'

function peer() {
  const [only] = peersOf(100)
  return only ?? expect.fail('there is one')
}

test('during slow start the share grows in a straight line, from a little on', () => {
  const recovering = peer()
  recovering.heal({ available: true, recovered: 1000 }, 10_000)
  expect([1000, 3500, 6000].map((now) => recovering.share(now))).toEqual([0.01, 0.25, 0.5])
  expect(recovering.slow).toBe(true)
  expect(recovering.share(11_000)).toBe(1)
  expect(recovering.slow).toBe(false)
})

test('a peer admits its share of what comes to it', () => {
  const recovering = peer()
  recovering.heal({ available: true, recovered: 0 }, 1000)
  const admitted = Array.from({ length: 100 }, () => recovering.admits(250))
  expect(admitted.filter(Boolean)).toHaveLength(25)
})

test('without slow start a peer that recovers has its whole weight at once', () => {
  const recovered = peer()
  recovered.heal({ available: true, recovered: 1000 }, 0)
  expect([recovered.slow, recovered.share(1000)]).toEqual([false, 1])
})

test('a slow connect is believed at once, fades, and waits in line with those under way', () => {
  const measured = peer()
  expect(measured.cost(0)).toBe(0)
  measured.connecting = 1
  expect(measured.cost(0)).toBe(Infinity)
  measured.connecting = 0
  measured.measure(100, 1000)
  measured.measure(10, 1000)
  expect(measured.cost(1000)).toBe(100)
  measured.measure(500, 1000)
  expect(measured.cost(1000)).toBe(500)
  measured.connecting = 2
  expect(measured.cost(1000)).toBe(1500)
  expect(measured.cost(11_000)).toBeCloseTo(1500 / Math.E)
})
