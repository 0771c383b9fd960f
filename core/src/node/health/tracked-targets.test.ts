import { expect, test } from 'vitest'
import { withMark } from '../../entities/plan-mark.ts'
import { world } from '../../entities/plan.fixture.ts'
import type { TargetRow } from '../../entities/rows.ts'
import { movingNames } from './tracked.fixture.ts'
import { TrackedTargets } from './tracked-targets.ts'

function following(useSrvName = false) {
  const moving = movingNames()
  const heard: string[] = []
  const targets = new TrackedTargets(moving.names, useSrvName, {
    enter: (_, { peer, host }) => void heard.push(`+${peer} ${host}`),
    leave: (_, peer) => void heard.push(`-${peer}`),
  })
  const { set, create } = world()
  const upstream = { id: String(create('upstreams', { name: 'pool.test' })['id']) }
  create('targets', { target: 'a.test:80', upstream })
  const [row] = set.children('targets', 'upstream', upstream.id)
  if (!row) throw new Error('no target')
  const write = (change: Partial<TargetRow> = {}) => targets.put({ ...row, ...change })
  return { ...moving, row, write, targets, news: () => heard.splice(0) }
}

test('a name leads to peers, and to others later', () => {
  const { write, lead, news } = following()
  write()
  expect(news()).toEqual([])
  lead('a.test', '10.0.0.1', '10.0.0.2')
  expect(news()).toEqual(['+10.0.0.1:80 a.test', '+10.0.0.2:80 a.test'])
  lead('a.test', '10.0.0.2')
  expect(news()).toEqual(['-10.0.0.1:80', '+10.0.0.2:80 a.test'])
  lead('a.test')
  expect(news()).toEqual(['-10.0.0.2:80'])
})

test('another port is another peer; another name is followed instead', () => {
  const { write, lead, news, watching } = following()
  write()
  lead('a.test', '10.0.0.1')
  write({ target: 'a.test:81' })
  expect(news().slice(1)).toEqual(['-10.0.0.1:80', '+10.0.0.1:81 a.test'])
  write({ target: 'b.test:81' })
  // Until the new name is resolved the old address is all that is known.
  expect([news(), watching()]).toEqual([[], ['b.test']])
  lead('a.test', '10.0.0.9')
  lead('b.test', '10.0.0.3')
  expect(news()).toEqual(['-10.0.0.1:81', '+10.0.0.3:81 b.test'])
})

test('the same row twice is nothing new', () => {
  const { targets, row, lead, news } = following()
  targets.put(row)
  lead('a.test', '10.0.0.1')
  news()
  targets.put(row)
  expect(news()).toEqual([])
})

test('the names of records count once they are asked for', () => {
  const { write, targets, news, names } = following()
  const located = { ip: '10.0.0.1', port: 5432, weight: 1, name: 'db1.test' }
  Object.assign(names, {
    watch: (_host: string, tell: (answer: object) => void) => {
      tell({ type: 'SRV', addresses: [located] })
      return { close: () => undefined }
    },
  })
  write()
  targets.useSrvName = false
  expect(news()).toEqual(['+10.0.0.1:5432 a.test'])
  targets.useSrvName = true
  expect(news()).toEqual(['+10.0.0.1:5432 db1.test'])
})

test('those that go leave nothing behind', () => {
  const { write, lead, news, targets, row, watching } = following()
  write(withMark(row, { healthy: false }))
  lead('a.test', '10.0.0.1')
  news()
  expect(targets.isMarked).toBe(true)
  targets.remove('nobody')
  expect(targets.close()).toEqual([row.id])
  expect([news(), watching(), targets.isMarked]).toEqual([['-10.0.0.1:80'], [], false])
})
