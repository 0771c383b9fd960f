import { expect, onTestFinished, test } from 'vitest'
import { fixedNames } from '../../balancing/names.fixture.ts'
import type { PeerHealth, ToWorker } from '../../balancing/messages.ts'
import { addressesOf } from '../../balancing/target-addresses.ts'
import { planMark } from '../../entities/plan-mark.ts'
import { world } from '../../entities/plan.fixture.ts'
import type { Change } from '../../entities/rows.ts'
import { logOf } from '../node.fixture.ts'
import { NodeHealth } from './node-health.ts'
import { closedPort, serveWith } from './servers.fixture.ts'

const active = {
  type: 'tcp',
  timeout: 10,
  healthy: { interval: 0.02, successes: 1 },
  unhealthy: { interval: 0.02, tcp_failures: 1 },
}

/** A node whose configuration is changed as commits would. */
function node() {
  const { set, create, patch, remove, context } = world()
  const { log, lines } = logOf()
  const names = fixedNames(async () => [])
  let open: NodeHealth | undefined
  const health = (): NodeHealth => {
    open ??= new NodeHealth({
      entities: set,
      names,
      log,
      trust: { authorities: undefined, certificate: undefined },
    })
    return open
  }
  onTestFinished(() => open?.close())
  const follow = (changes: readonly Change[]) =>
    health().follow({ base: set.revision - 1, revision: set.revision, changes })
  const upstreamOf = (id: string) => {
    const row = set.get('upstreams', id)
    if (!row) throw new Error('no upstream')
    return row
  }
  const targetOf = (id: string) => {
    const row = set.get('targets', id)
    if (!row) throw new Error('no target')
    return row
  }
  return {
    health,
    lines,
    context,
    upstreamOf,
    targetOf,
    follow,
    upstream(body: object): string {
      const id = String(create('upstreams', { name: 'pool.test', ...body })['id'])
      if (open) follow([{ op: 'put', entity: 'upstreams', row: upstreamOf(id) }])
      return id
    },
    change(id: string, body: object) {
      patch('upstreams', id, { ...body })
      follow([{ op: 'put', entity: 'upstreams', row: upstreamOf(id) }])
    },
    target(upstream: string, port: number): string {
      const body = { target: `127.0.0.1:${port}`, upstream: { id: upstream } }
      const id = String(create('targets', body)['id'])
      if (open) follow([{ op: 'put', entity: 'targets', row: targetOf(id) }])
      return id
    },
    drop(entity: 'upstreams' | 'targets', id: string) {
      remove(entity, id)
      follow([{ op: 'delete', entity, id }])
    },
    mark(id: string, healthy: boolean | undefined) {
      const { changes } = planMark(set, id, { healthy })
      set.apply(changes)
      follow(changes)
    },
    stateOf(id: string) {
      const row = targetOf(id)
      const { host: ip } = { host: '127.0.0.1' }
      const [address] = addressesOf(row, { type: 'A', addresses: [{ ip }] }, false)
      return address && health().report(row, address)
    },
  }
}

function worker() {
  const told: ToWorker[] = []
  const known = new Map<string, PeerHealth>()
  const tell = (message: ToWorker) => {
    told.push(message)
    for (const peer of message.type === 'health' ? message.peers : []) known.set(peer.peer, peer)
  }
  return { told, known, tell }
}

test('a dead target is found out, and that it came back; workers hear of it', async () => {
  const server = await serveWith((socket) => void socket.resume())
  const all = node()
  const id = all.upstream({ healthchecks: { active } })
  const dead = all.target(id, await closedPort())
  const target = all.target(id, server.port)
  const hears = worker()
  all.health().join(hears)
  expect(all.health().isChecked(all.upstreamOf(id))).toBe(true)
  const peer = `127.0.0.1:${server.port}`
  await expect.poll(() => all.stateOf(dead)).toEqual({ health: 'UNHEALTHY', manual: false })
  expect(all.stateOf(target)).toEqual({ health: 'HEALTHY', manual: false })
  await server.stop()
  await expect.poll(() => hears.known.get(peer)?.available).toBe(false)
  const late = worker()
  all.health().join(late)
  expect(late.known.get(peer)).toEqual({ peer, available: false })
  all.health().leave(hears)
  const before = hears.told.length
  await server.start()
  await expect.poll(() => late.known.get(peer)?.available).toBe(true)
  expect(hears.told.length).toBe(before)
})

test('checks come and go with what is written', async () => {
  const server = await serveWith((socket) => void socket.resume())
  const all = node()
  const { health } = all
  health()
  const id = all.upstream({})
  const target = all.target(id, server.port)
  expect(all.stateOf(target)).toEqual({ health: 'HEALTHCHECKS_OFF', manual: false })
  all.change(id, { healthchecks: { active } })
  await expect.poll(() => server.accepted).toBeGreaterThan(2)
  all.change(id, {
    healthchecks: { active: { healthy: { interval: 0 }, unhealthy: { interval: 0 } } },
  })
  expect(all.stateOf(target)).toEqual({ health: 'HEALTHCHECKS_OFF', manual: false })
  all.change(id, { healthchecks: { active } })
  const more = server.accepted
  await expect.poll(() => server.accepted).toBeGreaterThan(more + 2)
  all.drop('targets', target)
  await expect.poll(() => server.live).toBe(0)
  all.drop('upstreams', id)
  expect(health().isChecked({ ...all.upstreamOf(all.upstream({})), id })).toBe(false)
})

test('tries of workers are counted', () => {
  const all = node()
  const id = all.upstream({ healthchecks: { passive: { unhealthy: { timeouts: 2 } } } })
  const target = all.target(id, 9)
  const hears = worker()
  all.health().join(hears)
  const tried = { type: 'tried', upstream: id, peer: '127.0.0.1:9' } as const
  all.health().receive(hears, { ...tried, outcomes: { timeout: 2 } })
  all.health().receive(hears, { ...tried, upstream: 'another', outcomes: { timeout: 2 } })
  all.health().receive(hears, { type: 'loads', upstream: id, counts: [] })
  expect(all.stateOf(target)).toEqual({ health: 'UNHEALTHY', manual: false })
  expect(hears.known.get('127.0.0.1:9')).toEqual({ peer: '127.0.0.1:9', available: false })
})

test('an operator’s word is there from the start, also of an upstream that nothing checks', () => {
  const all = node()
  const checked = all.upstream({ healthchecks: { passive: { unhealthy: { timeouts: 2 } } } })
  const off = all.upstream({ name: 'off.test' })
  const [first, second, third] = [all.target(checked, 1), all.target(off, 2), all.target(off, 3)]
  const mark = (id: string) => all.mark(id, false)
  // Written before the node knows anything.
  Object.assign(all.targetOf(first), { marks: { '*': false } })
  Object.assign(all.targetOf(second), { marks: { '*': false } })
  const hears = worker()
  all.health().join(hears)
  expect([...hears.known.keys()].toSorted()).toEqual(['127.0.0.1:1', '127.0.0.1:2'])
  expect(all.stateOf(second)).toEqual({ health: 'UNHEALTHY', manual: true })
  expect(all.stateOf(third)).toEqual({ health: 'HEALTHCHECKS_OFF', manual: false })
  mark(third)
  expect(hears.known.get('127.0.0.1:3')).toMatchObject({ available: false })
  for (const id of [second, third]) all.mark(id, undefined)
  expect(hears.known.get('127.0.0.1:3')).toMatchObject({ available: true })
  expect(all.stateOf(third)).toEqual({ health: 'HEALTHCHECKS_OFF', manual: false })
  expect(all.health().isChecked(all.upstreamOf(off))).toBe(false)
})

test('a target that moves takes its word along', () => {
  const all = node()
  const passive = { passive: { unhealthy: { timeouts: 2 } } }
  const [a, b] = [
    all.upstream({ healthchecks: passive }),
    all.upstream({ name: 'b.test', healthchecks: passive }),
  ]
  const target = all.target(a, 1)
  const hears = worker()
  all.health().join(hears)
  all.mark(target, false)
  const row = { ...all.targetOf(target), upstream: { id: b } }
  all.follow([{ op: 'put', entity: 'targets', row }])
  expect(hears.told).toMatchObject([
    { upstream: a, peers: [{ available: false }] },
    { upstream: a, peers: [{ available: true }] },
    { upstream: b, peers: [{ available: false }] },
  ])
})

test('checks that somebody edited into nonsense are no checks', () => {
  const all = node()
  const id = all.upstream({ healthchecks: { active } })
  const row = all.upstreamOf(id)
  const healthchecks = { active: { ...active, expect_regex: '(' } }
  all.follow([{ op: 'put', entity: 'upstreams', row: { ...row, healthchecks } }])
  expect(all.health().isChecked(row)).toBe(false)
  expect(all.lines.at(-1)).toMatchObject({
    level: 'error',
    upstream: 'pool.test',
    msg: 'the health of an upstream cannot be checked',
  })
})
