import { expect, test } from 'vitest'
import type { Marked, Marking, UpstreamHealth } from '../../balancing/target-health.ts'
import { dataOf, send, testNode } from '../node.fixture.ts'

async function pool(changed: { readonly health?: UpstreamHealth } = {}) {
  const node = testNode({}, changed)
  await send(node, 'POST /upstreams', { name: 'pool.test' })
  for (const [target, weight] of [
    ['a.test:80', 10],
    ['gone.nowhere.test', 20],
    ['[::1]:90', 0],
  ] as const) {
    await send(node, 'POST /upstreams/pool.test/targets', { target, weight })
  }
  return node
}

test('the health of targets: whole rows, the newest first, with what their names resolve to', async () => {
  const node = await pool()
  const answer = await send(node, 'GET /upstreams/pool.test/health/')
  expect(answer.status).toBe(200)
  const rows = dataOf(await send(node, 'GET /upstreams/pool.test/targets'))
  const data = dataOf(answer)
  expect(data.map(({ health: _health, data: _data, ...row }) => row)).toEqual(rows)
  expect(data.map(({ health }) => health)).toEqual([
    'HEALTHCHECKS_OFF',
    'DNS_ERROR',
    'HEALTHCHECKS_OFF',
  ])
  expect(data[2]?.['data']).toEqual({
    host: 'a.test',
    port: 80,
    dns: 'A',
    nodeWeight: 10,
    weight: { total: 10, available: 10, unavailable: 0 },
    addresses: [{ ip: '127.0.0.1', port: 80, weight: 10, health: 'HEALTHCHECKS_OFF' }],
  })
  expect({ ...answer.json, data: [] }).toEqual({ data: [], next: null, node_id: 'n' })
})

test('it comes in pages', async () => {
  const node = await pool()
  const first = (await send(node, 'GET /upstreams/pool.test/health?size=2')).json
  expect(first?.['data']).toHaveLength(2)
  expect(first?.['next']).toBe(
    `/upstreams/pool.test/health?offset=${encodeURIComponent(String(first?.['offset']))}`,
  )
  const last = (await send(node, `GET ${String(first?.['next'])}`)).json
  expect(last).toMatchObject({ data: [{ target: 'a.test:80' }], next: null })
  expect(last).not.toHaveProperty('offset')
})

test('the balancer as a whole', async () => {
  const node = await pool()
  const { json } = await send(node, 'GET /upstreams/pool.test/health?balancer_health=1')
  expect(json).toMatchObject({
    data: {
      health: 'HEALTHCHECKS_OFF',
      balancer_health: 'HEALTHY',
      details: { healthy: true, weight: { total: 10, available: 10, unavailable: 0 } },
    },
    next: null,
    node_id: 'n',
  })
  expect(
    (await send(node, 'GET /upstreams/pool.test/health?balancer_health=0')).json,
  ).toMatchObject({ data: [{}, {}, {}] })
})

test.each(['POST', 'PUT'])(
  'nobody checks: %s of a health is refused in Kong’s words',
  async (method) => {
    const node = await pool()
    const [target] = dataOf(await send(node, 'GET /upstreams/pool.test/targets'))
    const upstream = node.set.named('upstreams', 'pool.test')?.id
    for (const up of ['pool.test', upstream]) {
      for (const one of ['a.test:80', '[::1]:90', String(target?.['id'])]) {
        for (const word of ['healthy', 'unhealthy', '127.0.0.1:80/healthy', '[::1]:1/unhealthy']) {
          expect(
            await send(node, `${method} /upstreams/${up}/targets/${one}/${word}`),
          ).toMatchObject({
            status: 400,
            json: { message: 'no healthchecker found for pool.test' },
          })
        }
      }
    }
  },
)

test('only what is there has a health', async () => {
  const node = await pool()
  await send(node, 'POST /upstreams', { name: 'other.test' })
  const other = await send(node, 'POST /upstreams/other.test/targets', 'target=o.test')
  const gone = { status: 404, json: { message: 'Not found' } }
  for (const path of [
    'nobody/targets/a.test:80',
    'pool.test/targets/b.test:80',
    'pool.test/targets/00000000-0000-4000-8000-0000000000ff',
    `pool.test/targets/${String(other.json?.['id'])}`,
  ]) {
    expect(await send(node, `PUT /upstreams/${path}/healthy`)).toMatchObject(gone)
    expect(await send(node, `PUT /upstreams/${path}/1.2.3.4:5/unhealthy`)).toMatchObject(gone)
  }
  expect(await send(node, 'GET /upstreams/nobody/health')).toMatchObject(gone)
  expect(await send(node, 'GET /upstreams/pool.test/targets/a.test:80/healthy')).toMatchObject({
    status: 405,
    headers: { allow: 'OPTIONS, POST, PUT' },
  })
})

/** A node whose health answers so to every word of an operator. */
function taking(answer: Marked) {
  const marked: Marking[] = []
  const health: UpstreamHealth = {
    ofTargets: async () => [],
    ofUpstream: async () => Promise.reject(new Error('not asked for')),
    mark: async (marking) => {
      marked.push(marking)
      return answer
    },
  }
  return { marked, health }
}

test('what a checker takes is 204', async () => {
  const { marked, health } = taking('marked')
  const node = await pool({ health })
  for (const path of ['unhealthy', '10.0.0.1:80/healthy', 'automatic', '10.0.0.1:80/automatic']) {
    const answer = await send(node, `PUT /upstreams/pool.test/targets/a.test:80/${path}`)
    expect(answer).toMatchObject({ status: 204, json: undefined })
  }
  expect(marked).toMatchObject([
    { upstream: { name: 'pool.test' }, target: { target: 'a.test:80' }, healthy: false },
    { address: '10.0.0.1:80', healthy: true },
    { healthy: undefined },
    { address: '10.0.0.1:80', healthy: undefined },
  ])
  expect(marked[0]?.address).toBeUndefined()
  expect(marked[0]?.author).toContain('127.0.0.1')
})

test.each([
  ['unknown', 400, 'a.test:80 has no address 10.0.0.9:80'],
  ['gone', 404, 'Not found'],
] as const)('a word about what is %s is %i', async (answer, status, message) => {
  const node = await pool({ health: taking(answer).health })
  const path = '/upstreams/pool.test/targets/a.test:80/10.0.0.9:80/unhealthy'
  expect(await send(node, `PUT ${path}`)).toMatchObject({ status, json: { message } })
})
