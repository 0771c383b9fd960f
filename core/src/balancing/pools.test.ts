import { expect, test } from 'vitest'
import type { Upstream } from '../entities/rows.ts'
import { askOf, poolsOf, targetRow, upstreamRow } from './pools.fixture.ts'

/** Pools with one upstream `u` that has these targets. */
function world(targets: readonly string[], more: Partial<Upstream> = {}) {
  const all = poolsOf()
  all.pools.putUpstream(upstreamRow('u', more))
  for (const target of targets) all.pools.putTarget(targetRow('u', target))
  const pool = () => all.pools.named('u.test') ?? expect.fail('there is such an upstream')
  const pick = (): string => {
    const peer = pool().selection.pick(askOf())
    return typeof peer === 'string' ? peer : peer.key
  }
  const round = (times: number) => [...new Set(Array.from({ length: times }, pick))].toSorted()
  const begin = () => {
    const peer = pool().selection.pick(askOf())
    return typeof peer === 'string' ? expect.fail(peer) : pool().begin(peer, () => undefined)
  }
  return { ...all, pool, pick, round, begin }
}

test('upstreams and targets come and go, in whatever order', () => {
  const { pools, pick, round } = world(['10.0.0.1:80'])
  expect(round(2)).toEqual(['10.0.0.1:80'])
  pools.putTarget(targetRow('v', '10.0.0.9:80'))
  expect(pools.named('v.test')).toBeUndefined()
  pools.putUpstream(upstreamRow('v'))
  expect(pools.named('v.test')?.selection.pick(askOf())).toMatchObject({ key: '10.0.0.9:80' })
  pools.putTarget(targetRow('u', '10.0.0.2:80'))
  expect(round(4)).toEqual(['10.0.0.1:80', '10.0.0.2:80'])
  pools.putTarget(targetRow('u', '10.0.0.1:80', { weight: 0 }))
  expect(round(4)).toEqual(['10.0.0.2:80'])
  pools.deleteTarget('10.0.0.2:80')
  expect(pick()).toBe('none')
  pools.putTarget({ ...targetRow('u', '10.0.0.9:80'), upstream: { id: 'u' } })
  expect(pick()).toBe('10.0.0.9:80')
  expect(pools.named('v.test')?.selection.pick(askOf())).toBe('none')
  pools.deleteUpstream('u')
  expect(pools.named('u.test')).toBeUndefined()
})

test('two upstreams may swap their names in one change', () => {
  const { pools } = world(['10.0.0.1:80'])
  pools.putUpstream(upstreamRow('v'))
  pools.putUpstream(upstreamRow('u', { name: 'v.test' }))
  pools.putUpstream(upstreamRow('v', { name: 'u.test' }))
  expect([pools.named('u.test'), pools.named('v.test')].map((pool) => pool?.upstream.id)).toEqual([
    'v',
    'u',
  ])
})

test('a name is watched for as long as a target has it; its addresses are peers', () => {
  const { pools, names, round, pick } = world(['a.test:80'])
  names.set('a.test', { addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] })
  expect(round(4)).toEqual(['10.0.0.1:80', '10.0.0.2:80'])
  names.set('a.test', { addresses: [{ ip: '10.0.0.2' }] })
  expect(round(4)).toEqual(['10.0.0.2:80'])
  names.set('a.test', { addresses: [] })
  expect(pick()).toBe('none')
  pools.putTarget({ ...targetRow('u', 'a.test:80'), target: 'b.test:81' })
  expect(names.watched).toEqual(['b.test'])
  names.set('b.test', { type: 'SRV', addresses: [{ ip: '10.0.0.3', port: 99, weight: 1 }] })
  expect(pick()).toBe('10.0.0.3:99')
  pools.close()
  expect(names.watched).toEqual([])
})

test('whoever comes before any name is resolved waits for the first of them, and no longer', async () => {
  const { pools, names, pool, pick } = world([])
  names.set('a.test', undefined)
  names.set('b.test', undefined)
  pools.putTarget(targetRow('u', 'a.test:80'))
  pools.putTarget(targetRow('u', 'b.test:80'))
  const waiting = pool().expected()
  expect(waiting).toBeInstanceOf(Promise)
  names.set('a.test', { addresses: [{ ip: '10.0.0.1' }] })
  await waiting
  expect(pool().expected()).toBeUndefined()
  expect(pick()).toBe('10.0.0.1:80')
  names.set('a.test', { addresses: [] })
  expect(pool().expected()).toBeInstanceOf(Promise)
  names.set('b.test', { addresses: [], error: 'NXDOMAIN' })
  expect(pool().expected()).toBeUndefined()
  expect(pick()).toBe('none')
})

test('health is followed at once, also of a peer that was not known when it was told', () => {
  const { pools, standing, round, pick } = world(['10.0.0.1:80'])
  const tell = (peer: string, available: boolean) => {
    standing.receive({ type: 'health', upstream: 'u', peers: [{ peer, available }] })
  }
  tell('10.0.0.2:80', false)
  pools.putTarget(targetRow('u', '10.0.0.2:80'))
  expect(round(4)).toEqual(['10.0.0.1:80'])
  tell('10.0.0.1:80', false)
  expect(pick()).toBe('unhealthy')
  tell('10.0.0.2:80', true)
  expect(round(4)).toEqual(['10.0.0.2:80'])
})

test('what an operator says of a target holds for each address that its name comes to have', () => {
  const { pools, names, standing, pick } = world([])
  names.set('a.test', { addresses: [{ ip: '10.0.0.1' }] })
  const row = targetRow('u', 'a.test:1')
  pools.putTarget(row)
  expect(pick()).toBe('10.0.0.1:1')
  pools.putTarget({ ...row, marks: { '*': false } })
  expect(pick()).toBe('unhealthy')
  names.set('a.test', { addresses: [{ ip: '10.0.0.2' }] })
  expect(pick()).toBe('unhealthy')
  const peers = [{ peer: '10.0.0.2:1', available: true }]
  standing.receive({ type: 'health', upstream: 'u', peers })
  pools.putTarget(row)
  expect(pick()).toBe('10.0.0.2:1')
})

test('an upstream of which no more than the threshold is healthy takes nothing', () => {
  const targets = ['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80', '10.0.0.4:80']
  const { pools, standing, pick } = world(targets, { healthchecks: { threshold: 50 } })
  const lose = (...lost: string[]) => {
    const peers = targets.map((peer) => ({ peer, available: !lost.includes(peer) }))
    standing.receive({ type: 'health', upstream: 'u', peers })
  }
  lose('10.0.0.1:80')
  expect(pick()).not.toBe('unhealthy')
  lose('10.0.0.1:80', '10.0.0.2:80')
  expect(pick()).toBe('unhealthy')
  pools.putUpstream(upstreamRow('u', { healthchecks: { threshold: 49.9 } }))
  expect(pick()).not.toBe('unhealthy')
})

test('a peer that recovers has its share by and by', () => {
  const { standing, pool, clock } = world(['10.0.0.1:80', '10.0.0.2:80'], { slow_start: 10 })
  const recovered = clock.now
  const peers = [{ peer: '10.0.0.1:80', available: true, recovered }]
  standing.receive({ type: 'health', upstream: 'u', peers })
  const share = () => {
    const picked = Array.from({ length: 200 }, () => pool().selection.pick(askOf()))
    return picked.filter((peer) => typeof peer !== 'string' && peer.key === '10.0.0.1:80').length
  }
  const early = share()
  clock.now += 5000
  const later = share()
  clock.now += 5000
  expect(early).toBeLessThan(10)
  expect(later).toBeGreaterThan(50)
  expect(later).toBeLessThan(80)
  expect(share()).toBe(100)
})

test('two targets with the same address are one peer with the weight of both', () => {
  const { names, pool, pools } = world(['10.0.0.1:80', '10.0.0.2:80'])
  names.set('same.test', { addresses: [{ ip: '10.0.0.1' }] })
  pools.putTarget(targetRow('u', 'same.test:80'))
  expect(pool().selection.find('10.0.0.1:80')?.weight).toBe(200)
  pools.deleteTarget('same.test:80')
  expect(pool().selection.pick(askOf())).not.toBe('none')
  expect(pool().selection.find('10.0.0.1:80')?.weight).toBe(100)
})

test('what lives on survives changes of neighbours, of the algorithm, and of the address', () => {
  const { pools, names, pool, begin } = world(['a.test:80'])
  names.set('a.test', { addresses: [{ ip: '10.0.0.1' }] })
  const use = begin()
  use.connected(10)
  pools.putTarget(targetRow('u', '10.0.0.9:80'))
  pools.putUpstream(upstreamRow('u', { algorithm: 'least-connections' }))
  expect(pool().selection.find('10.0.0.1:80')).toBe(use.peer)
  names.set('a.test', { addresses: [{ ip: '10.0.0.2' }] })
  expect(pool().selection.pick(askOf())).not.toBe(use.peer)
  names.set('a.test', { addresses: [{ ip: '10.0.0.1' }] })
  expect(pool().selection.pick(askOf())).not.toBe('none')
  expect(pool().selection.find('10.0.0.1:80')).toBe(use.peer)
  expect(use.peer.load).toBe(1)
  use.end()
  expect(use.peer.load).toBe(0)
})

test('the loads of others count; its own are told at once, then every few milliseconds, where they matter', () => {
  const more = { algorithm: 'least-connections' }
  const { pools, standing, told, pass, pick, begin, timers } = world(
    ['10.0.0.1:80', '10.0.0.2:80'],
    more,
  )
  standing.receive({ type: 'loads', upstream: 'u', counts: [['10.0.0.1:80', 5]] })
  expect([pick(), pick(), pick()]).toEqual(Array(3).fill('10.0.0.2:80'))
  const uses = [begin(), begin()]
  expect(timers.size).toBe(1)
  pass(0)
  expect(told).toEqual([{ type: 'loads', upstream: 'u', counts: [['10.0.0.2:80', 2]] }])
  for (const use of uses) use.end()
  pass(0)
  expect(told).toHaveLength(1)
  pass(5)
  expect(told[1]).toEqual({ type: 'loads', upstream: 'u', counts: [['10.0.0.2:80', 0]] })
  const held = begin()
  pass(5)
  pools.putUpstream(upstreamRow('u', { algorithm: 'round-robin' }))
  pass(5)
  expect(told.slice(2)).toMatchObject([
    { counts: [[held.peer.key, 1]] },
    { counts: [[held.peer.key, 0]] },
  ])
  pools.putUpstream(upstreamRow('u', more))
  pass(5)
  expect(told.at(-1)).toMatchObject({ counts: [[held.peer.key, 1]] })
})

test('tries are told together: failures always, successes where something counts them', () => {
  const quiet = world(['10.0.0.1:80'])
  quiet.begin().failed('tcp_failure', 1)
  quiet.begin().failed('tcp_failure', 1)
  quiet.begin().failed('timeout', 1)
  const use = quiet.begin()
  use.connected(1)
  use.end()
  quiet.pass(0)
  const outcomes = { tcp_failure: 2, timeout: 1 }
  expect(quiet.told).toEqual([{ type: 'tried', upstream: 'u', peer: '10.0.0.1:80', outcomes }])

  const passive = { unhealthy: { tcp_failures: 1 } }
  const counting = world(['10.0.0.1:80'], { healthchecks: { passive } })
  counting.begin().connected(1)
  counting.pass(999)
  expect(counting.told).toEqual([])
  counting.pass(1)
  counting.pass(0)
  expect(counting.told).toMatchObject([{ outcomes: { success: 1 } }])
})

test('the connections of a peer end when they are told to, and those that are left stay when it is well', () => {
  const { standing, pool, pass } = world(['10.0.0.1:80'])
  const ended: number[] = []
  const peer = pool().selection.pick(askOf())
  if (typeof peer === 'string') expect.fail(peer)
  for (const index of [1, 2, 3, 4]) {
    const use = pool().begin(peer, () => {
      ended.push(index)
      use.end()
    })
    use.connected(1)
  }
  standing.receive({ type: 'close', upstream: 'u', peer: '10.0.0.1:80', window: 400 })
  expect(ended).toEqual([1])
  pass(100)
  expect(ended).toEqual([1, 2])
  standing.receive({ type: 'health', upstream: 'u', peers: [{ peer: peer.key, available: true }] })
  pass(1000)
  expect(ended).toEqual([1, 2])
})
