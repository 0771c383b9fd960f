import { expect, onTestFinished, test } from 'vitest'
import { fixedNames } from '../../balancing/names.fixture.ts'
import type { ToWorker } from '../../balancing/messages.ts'
import { planCreate } from '../../entities/plan.ts'
import type { TargetRow, Upstream } from '../../entities/rows.ts'
import { testContext } from '../../entities/world.fixture.ts'
import { logOf } from '../node.fixture.ts'
import { recordedNode } from '../configuration/revisions.fixture.ts'
import { Veto } from '../workers/worker-link.ts'
import { NodeHealth } from './node-health.ts'
import { OperatorHealth } from './operator-health.ts'

const passive = { passive: { unhealthy: { tcp_failures: 1 } } }

async function pool(healthchecks: object, ...targets: readonly string[]) {
  const context = testContext()
  const node = await recordedNode(10)
  const { id } = await node.write((set) =>
    planCreate(set, context, 'upstreams', { name: 'pool.test', healthchecks }),
  )
  for (const target of targets) {
    const body = { target, weight: 10, upstream: { id } }
    await node.write((set) => planCreate(set, context, 'targets', body))
  }
  const names = fixedNames(async (host) => (host === 'two.test' ? ['10.0.0.1', '10.0.0.2'] : []))
  const trust = { authorities: undefined, certificate: undefined }
  const health = new NodeHealth({ entities: node.entities, names, trust, log: logOf().log })
  onTestFinished(() => health.close())
  const told: ToWorker[] = []
  health.join({ tell: (message) => void told.push(message) })
  // What a node does after each of its writes.
  const write: typeof node.write = async (plan, author) => {
    const result = await node.write(plan, author)
    const { targets: rows } = node.entities.snapshot().rows
    for (const row of rows) health.put(row)
    return result
  }
  const operator = new OperatorHealth({ entities: node.entities, write }, health, names)
  const upstream = (): Upstream => {
    const row = node.entities.get('upstreams', String(id))
    if (!row) throw new Error('no upstream')
    return row
  }
  const rows = (): readonly TargetRow[] => node.entities.children('targets', 'upstream', String(id))
  const target = (): TargetRow => {
    const [row] = rows()
    if (!row) throw new Error('no target')
    return row
  }
  return { node, operator, told, upstream, rows, target }
}

test('a mark is kept before it is answered, and workers hear of it before that', async () => {
  const { node, operator, told, upstream, target } = await pool(passive, 'two.test:80')
  const order: string[] = []
  node.before = async () => void order.push(`${told.length} told`)
  const marking = { upstream: upstream(), target: target(), healthy: false, author: 'me' }
  expect(await operator.mark(marking)).toBe('marked')
  expect(order).toEqual(['2 told'])
  expect((await node.load()).rows.targets).toMatchObject([{ marks: { '*': false } }])
  const [revision] = (await node.history?.list({ size: 1 })) ?? []
  expect(revision).toMatchObject({ author: 'me', entities: ['targets'] })
  const [state] = await operator.ofTargets(upstream(), [target()])
  expect(state).toMatchObject({
    health: 'UNHEALTHY',
    manual: true,
    data: { weight: { total: 20, available: 0, unavailable: 20 } },
  })
  expect(await operator.ofUpstream(upstream(), [target()])).toMatchObject({ health: 'UNHEALTHY' })
})

test('one address, however it is written, and no other', async () => {
  const { operator, upstream, target } = await pool(passive, 'two.test:80')
  const mark = (address: string, healthy: boolean | undefined) =>
    operator.mark({ upstream: upstream(), target: target(), address, healthy })
  expect(await mark('10.0.0.2:80', false)).toBe('marked')
  for (const address of ['10.0.0.2', '10.0.0.3:80', 'two.test:80', 'x']) {
    expect(await mark(address, false)).toBe('unknown')
  }
  const [state] = await operator.ofTargets(upstream(), [target()])
  expect(state?.data.addresses).toEqual([
    { ip: '10.0.0.1', port: 80, weight: 10, health: 'HEALTHY' },
    { ip: '10.0.0.2', port: 80, weight: 10, health: 'UNHEALTHY', manual: true },
  ])
  expect(await mark('10.0.0.2:80', undefined)).toBe('marked')
  expect(target()).not.toHaveProperty('marks')
})

test('an IPv6 target is marked by any way to write its address', async () => {
  const { operator, upstream, target } = await pool(passive, '[::1]:80')
  const marking = { upstream: upstream(), target: target(), address: '[::1]:80', healthy: false }
  expect(await operator.mark(marking)).toBe('marked')
  const [state] = await operator.ofTargets(upstream(), [target()])
  expect(state).toMatchObject({ health: 'UNHEALTHY', manual: true })
})

test('a mark that cannot be kept is not followed', async () => {
  const { node, operator, told, upstream, target } = await pool(passive, '10.0.0.1:80')
  node.veto = new Veto('no')
  const marking = { upstream: upstream(), target: target(), healthy: false }
  await expect(operator.mark(marking)).rejects.toThrow('no')
  expect(told).toMatchObject([{ peers: [{ available: false }] }, { peers: [{ available: true }] }])
  const [state] = await operator.ofTargets(upstream(), [target()])
  expect(state).toMatchObject({ health: 'HEALTHY' })
})

test('nobody acts on a word about an upstream that nothing checks, unless there was one', async () => {
  const { node, operator, upstream, target } = await pool({}, '10.0.0.1:80')
  const marking = () => ({ upstream: upstream(), target: target(), healthy: false })
  expect(await operator.mark(marking())).toBe('unchecked')
  expect(target()).not.toHaveProperty('marks')
  const marked = { ...target(), marks: { '*': false } }
  await node.write(() => ({
    changes: [{ op: 'put', entity: 'targets', row: marked }],
    result: undefined,
  }))
  expect(await operator.mark({ ...marking(), healthy: undefined })).toBe('marked')
  expect(await operator.mark(marking())).toBe('unchecked')
})

test('a target that went meanwhile is gone', async () => {
  const { node, operator, upstream, target, told } = await pool(passive, '10.0.0.1:80')
  const marking = { upstream: upstream(), target: target(), healthy: false }
  await node.write(() => ({
    changes: [{ op: 'delete', entity: 'targets', id: marking.target.id }],
    result: undefined,
  }))
  expect(await operator.mark(marking)).toBe('gone')
  expect(told.at(-1)).toMatchObject({ peers: [{ available: true }] })
})

test('a name without addresses says why', async () => {
  const { operator, upstream, target } = await pool(passive, 'nowhere.test')
  const [state] = await operator.ofTargets(upstream(), [target()])
  expect(state).toMatchObject({ health: 'DNS_ERROR', data: { dns: 'no such name', addresses: [] } })
})
