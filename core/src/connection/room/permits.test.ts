import { expect, test } from 'vitest'
import { Queues } from '../../balancing/queues.ts'
import type { TargetRow, Upstream } from '../../entities/rows.ts'
import { Permits } from './permits.ts'

function permitsOf(answer: (key: string) => boolean | Promise<boolean> = () => true) {
  const told: string[] = []
  const queues = new Queues(({ type, upstream }) => void told.push(`${type} ${upstream}`))
  queues.receive({ type: 'queue.waiting', upstream: 'u', waiting: true })
  told.length = 0
  const counters = {
    take: (key: string, limit: number) => (told.push(`take ${key} of ${limit}`), answer(key)),
    release: (key: string) => void told.push(`release ${key}`),
  }
  return { permits: new Permits({ counters, queues }), told }
}

const upstream = (limit?: number) => ({ id: 'u', max_connections: limit }) as Upstream
const target = (id: string, limit?: number) =>
  ({ id, upstream: { id: 'u' }, max_connections: limit }) as TargetRow

test('without limits nothing is counted', async () => {
  const { permits, told } = permitsOf()
  expect([permits.takeUpstream(upstream()), permits.takeTarget(target('t'))]).toEqual([true, true])
  permits.release()
  expect(told).toEqual([])
})

test('what is held is released once, and whoever waits hears of it afterwards', async () => {
  const { permits, told } = permitsOf(async () => true)
  expect(await permits.takeUpstream(upstream(2))).toBe(true)
  expect(await permits.takeUpstream(upstream(2))).toBe(true)
  expect(await permits.takeTarget(target('t', 1))).toBe(true)
  permits.release()
  permits.release()
  expect(told).toEqual([
    'take upstream:u of 2',
    'take target:t of 1',
    'release target:t',
    'queue.freed u',
    'release upstream:u',
    'queue.freed u',
  ])
})

test('another target costs the one before, and the upstream stays', async () => {
  const { permits, told } = permitsOf()
  await permits.takeUpstream(upstream(2))
  await permits.takeTarget(target('a', 1))
  await permits.takeTarget(target('b', 1))
  permits.releaseTarget()
  permits.releaseTarget()
  expect(told.filter((word) => word.startsWith('release'))).toEqual([
    'release target:a',
    'release target:b',
  ])
})

test('what was refused is not released; who tried in vain wakes nobody', async () => {
  const { permits, told } = permitsOf((key) => key.startsWith('upstream'))
  await permits.takeUpstream(upstream(2))
  expect(await permits.takeTarget(target('a', 1))).toBe(false)
  permits.release(true)
  expect(told).toEqual(['take upstream:u of 2', 'take target:a of 1', 'release upstream:u'])
})
