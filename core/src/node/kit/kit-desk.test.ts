import { expect, test } from 'vitest'
import type { Added } from '@kong-ts/pdk'
import { pluginRow } from '../../gateway/rows.fixture.ts'
import { deltaOf, logOf } from '../node.fixture.ts'
import { KitDesk } from './kit-desk.ts'
import { countedNumbers, KitNode } from './kit.fixture.ts'

test('two workers count one number together', async () => {
  const { numbers } = await countedNumbers()
  const node = new KitNode(numbers)
  const workers = [node.start(), node.start()]
  const asked: Promise<Added>[] = []
  for (let i = 0; i < 30; i++) {
    const shared = workers[i % 2]?.end.shared('i')
    if (shared) asked.push(shared.add('k', 1, { until: 1000, limit: 20 }))
  }
  await node.drain()
  const answers = await Promise.all(asked)
  expect(answers.filter(({ added }) => added)).toHaveLength(20)
  expect(Math.max(...answers.map(({ total }) => total))).toBe(20)
})

test('what a deleted plugin has counted is forgotten; what expired is removed', async () => {
  const { numbers } = await countedNumbers()
  const node = new KitNode(numbers)
  const worker = node.start()
  const asked = ['i', 'j'].map((id) => worker.end.shared(id).add('k', 1, { until: 1000 }))
  await node.drain()
  await Promise.all(asked)
  node.desk.follow(deltaOf(2, { op: 'delete', entity: 'plugins', id: 'i' }))
  node.desk.follow(deltaOf(3, { op: 'put', entity: 'plugins', row: pluginRow('j', 'mine') }))
  await node.drain()
  const names = [
    { instance: 'i', key: 'k' },
    { instance: 'j', key: 'k' },
  ]
  expect(await numbers.read(names, 0)).toEqual([0, 1])
  node.time = 100_000
  await node.desk.sweep()
  expect(await numbers.read(names, 0)).toEqual([0, 0])
})

test('a store that is away keeps nobody from following, and is told in the log', async () => {
  const { log, lines } = logOf()
  const { numbers } = await countedNumbers()
  const away = () => Promise.reject(new Error('away'))
  const desk = new KitDesk({ numbers: { ...numbers, forget: away, sweep: away }, clock: Date, log })
  desk.follow(deltaOf(2, { op: 'delete', entity: 'plugins', id: 'i' }))
  await desk.sweep()
  expect(lines).toMatchObject([
    { level: 'warn', error: 'away' },
    { level: 'debug', error: 'away' },
  ])
})

test('a worker that is gone is not listened to', async () => {
  const node = new KitNode()
  const worker = node.start()
  await node.kill(worker)
  node.desk.leave(worker)
  node.desk.receive(worker, { type: 'numbers.ask', id: 1, asks: [] })
  await node.drain()
  expect(worker.inbox).toEqual([])
})
