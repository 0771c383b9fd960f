import { expect, test } from 'vitest'
import { addressesOf } from '../../balancing/target-addresses.ts'
import type { TargetRow } from '../../entities/rows.ts'
import { everySecond, tracking } from './tracked.fixture.ts'

const [one, two] = ['10.0.0.1:80', '10.0.0.2:80']

function reportOf(world: ReturnType<typeof tracking>, row: TargetRow) {
  const answer = world.names.resolve(row.target.split(':')[0] ?? '')
  if (answer instanceof Promise) throw new Error('it is known')
  return addressesOf(row, answer, false).map((address) => world.tracked.report(row, address))
}

test('probes turn a peer, and turn it back; workers and the log are told, once', async () => {
  const world = tracking(everySecond)
  const row = world.add(one)
  world.add(two)
  world.find(one, 'tcp_failure', 'connect ECONNREFUSED')
  await world.pass(1000)
  expect(world.news()).toEqual([])
  expect(reportOf(world, row)).toEqual([{ health: 'HEALTHY', manual: false }])
  await world.pass(1000)
  expect(world.news()).toEqual([{ peer: one, available: false }])
  expect(reportOf(world, row)).toEqual([{ health: 'UNHEALTHY', manual: false }])
  expect(world.lines).toMatchObject([
    {
      level: 'warn',
      upstream: 'pool.test',
      peer: one,
      targets: [one],
      by: 'active',
      why: 'connect ECONNREFUSED',
      count: 2,
      msg: 'a peer turned unhealthy',
    },
  ])
  world.find(one, 'success')
  await world.pass(2000)
  const [back] = world.news()
  expect(back).toMatchObject({ peer: one, available: true })
  // The epoch of this test begins at a million.
  expect(back?.recovered).toBeGreaterThan(1_002_000)
  expect(world.lines.at(-1)).toMatchObject({ level: 'notice', msg: 'a peer is healthy again' })
  expect(new Set(world.probes)).toEqual(
    new Set([`${one} 10.0.0.1 10.0.0.1`, `${two} 10.0.0.2 10.0.0.2`]),
  )
})

test('tries of workers count by themselves, the last one too', () => {
  const world = tracking({ passive: { unhealthy: { tcp_failures: 3, timeouts: 2 } } })
  const row = world.add(one)
  const tried = (outcomes: object) =>
    world.tracked.count({ type: 'tried', upstream: 'u', peer: one, outcomes })
  tried({ tcp_failure: 1, tls_failure: 1 })
  tried({ success: 1, reset: 2 })
  expect(world.news()).toEqual([])
  tried({ reset: 1 })
  expect(world.news()).toEqual([{ peer: one, available: false }])
  expect(world.lines).toMatchObject([{ by: 'passive', why: 'reset', count: 3 }])
  expect(reportOf(world, row)).toEqual([{ health: 'UNHEALTHY', manual: false }])
  world.tracked.count({ type: 'tried', upstream: 'u', peer: two, outcomes: { timeout: 9 } })
  expect(world.news()).toEqual([])
})

test('a peer that turned unhealthy by tries is found well by probes', async () => {
  const unhealthy = { interval: 1 }
  const world = tracking({
    active: { type: 'tcp', healthy: { successes: 1 }, unhealthy },
    passive: { unhealthy: { tcp_failures: 1 } },
  })
  world.add(one)
  await world.pass(3000)
  expect(world.probes).toEqual([])
  world.tracked.count({ type: 'tried', upstream: 'u', peer: one, outcomes: { tcp_failure: 1 } })
  await world.pass(1500)
  expect(world.news().map(({ available }) => available)).toEqual([false, true])
  expect(world.probes).toHaveLength(1)
})

test('an operator’s word holds whatever probes find, and what they found holds afterwards', async () => {
  const world = tracking(everySecond)
  const row = world.add(one)
  const down = world.mark(row, { healthy: false })
  expect(world.news()).toEqual([{ peer: one, available: false }])
  expect(world.lines.at(-1)).toMatchObject({ by: 'operator' })
  await world.pass(5000)
  expect(world.probes.length).toBeGreaterThan(3)
  expect(reportOf(world, down)).toEqual([{ health: 'UNHEALTHY', manual: true }])
  const up = world.mark(down, { healthy: true })
  expect(world.news()).toMatchObject([{ available: true }])
  world.find(one, 'tcp_failure')
  await world.pass(5000)
  expect(world.news()).toEqual([])
  expect(reportOf(world, up)).toEqual([{ health: 'HEALTHY', manual: true }])
  world.mark(up, { healthy: undefined })
  expect(world.news()).toEqual([{ peer: one, available: false }])
})

test('where no probe would find that a peer is well, taking back a word makes it so', () => {
  const world = tracking({ passive: { unhealthy: { tcp_failures: 1 } } })
  const row = world.add(one)
  world.tracked.count({ type: 'tried', upstream: 'u', peer: one, outcomes: { tcp_failure: 1 } })
  const up = world.mark(row, { healthy: true })
  expect(world.news().map(({ available }) => available)).toEqual([false, true])
  const down = world.mark(up, { healthy: false })
  world.mark(down, { healthy: undefined })
  expect(world.news().map(({ available }) => available)).toEqual([false, true])
})

test('targets that lead to one peer: a word against it from any of them counts', () => {
  const world = tracking(everySecond)
  world.lead('a.test', '10.0.0.1')
  const [literal, named] = [world.add(one), world.add('a.test:80')]
  world.mark(literal, { healthy: true })
  const down = world.mark(named, { address: one, healthy: false })
  expect(world.news()).toEqual([{ peer: one, available: false }])
  world.tracked.targets.remove(down.id)
  expect(world.news()).toMatchObject([{ peer: one, available: true }])
  expect(world.lines.at(-1)).toMatchObject({ targets: [one] })
})

test('a name is followed; what was known of an address that is gone is forgotten', async () => {
  const world = tracking(everySecond)
  world.add('a.test:80')
  expect(world.watching()).toEqual(['a.test'])
  world.lead('a.test', '10.0.0.1', '10.0.0.2')
  world.find(one, 'tcp_failure')
  await world.pass(3000)
  expect(world.news()).toEqual([{ peer: one, available: false }])
  expect(new Set(world.probes)).toEqual(new Set([`${one} a.test a.test`, `${two} a.test a.test`]))
  world.lead('a.test', '10.0.0.2')
  expect(world.news()).toEqual([{ peer: one, available: true }])
  world.probes.length = 0
  await world.pass(2000)
  expect(new Set(world.probes)).toEqual(new Set([`${two} a.test a.test`]))
  expect(world.tracked.targets.close()).toHaveLength(1)
  expect([world.watching(), world.clock.waiting()]).toEqual([[], 0])
})

test('a neighbour that comes, changes or goes leaves a peer as it is', async () => {
  const world = tracking(everySecond)
  world.add(one)
  world.find(one, 'tcp_failure')
  await world.pass(3000)
  const other = world.add(two)
  world.tracked.targets.put({ ...other, weight: 5 })
  world.tracked.targets.remove(other.id)
  world.configure({ tags: ['t'], algorithm: 'least-connections' })
  expect(world.news()).toEqual([{ peer: one, available: false }])
  expect(world.tracked.present()).toEqual([{ peer: one, available: false }])
})

test('a target of weight 0 is not probed', async () => {
  const world = tracking(everySecond)
  const row = world.add(one, 0)
  await world.pass(3000)
  expect(world.probes).toEqual([])
  expect(reportOf(world, row)).toEqual([{ health: 'HEALTHCHECKS_OFF', manual: false }])
  world.tracked.targets.put({ ...row, weight: 1 })
  await world.pass(2000)
  expect(world.probes.length).toBeGreaterThan(0)
})

test('without checks everyone is well whom no operator speaks against', async () => {
  const world = tracking(everySecond)
  const [first, second] = [world.add(one), world.add(two)]
  for (const peer of [one, two]) world.find(peer, 'tcp_failure')
  await world.pass(3000)
  const down = world.mark(second, { healthy: false })
  world.news()
  world.configure({
    healthchecks: { active: { healthy: { interval: 0 }, unhealthy: { interval: 0 } } },
  })
  expect(world.tracked.checks).toBeUndefined()
  expect(world.news()).toMatchObject([{ peer: one, available: true }])
  expect(reportOf(world, first)).toEqual([{ health: 'HEALTHCHECKS_OFF', manual: false }])
  expect(reportOf(world, down)).toEqual([{ health: 'UNHEALTHY', manual: true }])
  world.tracked.count({ type: 'tried', upstream: 'u', peer: one, outcomes: { tcp_failure: 9 } })
  await world.pass(3000)
  expect(world.news()).toEqual([])
})

test('on_unhealthy close ends its connections over the window, also by an operator’s word', async () => {
  const world = tracking(everySecond, { on_unhealthy: 'close', on_unhealthy_window: 0.5 })
  const row = world.add(one)
  world.mark(row, { healthy: false })
  expect(world.told).toMatchObject([
    { type: 'health', peers: [{ peer: one, available: false }] },
    { type: 'close', peer: one, window: 500 },
  ])
  world.told.length = 0
  world.mark(row, { healthy: true })
  expect(world.told.map(({ type }) => type)).toEqual(['health'])
  const five = tracking(everySecond, { on_unhealthy: 'close' })
  five.mark(five.add(one), { healthy: false })
  expect(five.told.at(-1)).toMatchObject({ window: 5000 })
  const keep = tracking(everySecond, { on_unhealthy: 'keep' })
  keep.mark(keep.add(one), { healthy: false })
  expect(keep.told.map(({ type }) => type)).toEqual(['health'])
})

test('when the machine has nothing left to probe with, nobody is blamed, and it is told once', async () => {
  const world = tracking(everySecond)
  world.add(one)
  world.fault(one)
  await world.pass(5000)
  expect(world.news()).toEqual([])
  expect(world.lines).toMatchObject([
    { level: 'warn', why: 'EMFILE', msg: 'probes cannot be made' },
  ])
})

test('no more than so many probes of an upstream at a time', async () => {
  const world = tracking({ active: { ...everySecond.active, concurrency: 2 } })
  let [now, most] = [0, 0]
  Object.assign(world.around, {
    async probe() {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      now -= 1
      return { report: 'success', why: '' }
    },
  })
  for (let last = 1; last < 9; last += 1) world.add(`10.0.0.${last}:80`)
  await world.pass(3000)
  expect(most).toBe(2)
})
