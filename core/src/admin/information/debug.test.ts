import { expect, test } from 'vitest'
import type { AdminDeps } from '../deps.ts'
import { form, send, testNode } from '../node.fixture.ts'

function nodeAt(current: 'notice' | 'debug', changed: Partial<AdminDeps> = {}) {
  const changes: unknown[] = []
  const change = (level: string, seconds: number) => void changes.push([level, seconds])
  return { node: testNode({}, { logLevel: { current, change }, ...changed }), changes }
}

test('the level can be asked for', async () => {
  expect(await send(nodeAt('debug').node, 'GET /debug/node/log-level')).toMatchObject({
    status: 200,
    json: { message: 'log level: debug' },
  })
})

test.each(['node', 'cluster'])(
  'the level of the %s can be changed, for a minute',
  async (scope) => {
    const { node, changes } = nodeAt('notice')
    expect(await send(node, `PUT /debug/${scope}/log-level/debug`)).toMatchObject({
      status: 200,
      json: { message: 'log level changed' },
    })
    expect(changes).toEqual([['debug', 60]])
  },
)

test.each<[string, string | undefined, string, number]>([
  ['?timeout=10', undefined, form, 10],
  ['?timeout=0', undefined, form, 0],
  ['?timeout=0.2', undefined, form, 1],
  ['?timeout=soon', undefined, form, 60],
  ['?timeout=', undefined, form, 60],
  ['?timeout=1e999', undefined, form, 60],
  ['', 'timeout=7', form, 7],
  ['', '{"timeout":8}', 'application/json', 8],
  ['', '{"timeout":[8]}', 'application/json', 60],
])('a timeout of %j and %j', async (query, body, type, seconds) => {
  const { node, changes } = nodeAt('notice')
  await send(node, `PUT /debug/node/log-level/crit${query}`, body, { 'content-type': type })
  expect(changes).toEqual([['crit', seconds]])
})

test.each([
  ['PUT /debug/node/log-level/stderr', 400, 'unknown log level: stderr'],
  ['PUT /debug/node/log-level/stderr?timeout=-1', 400, 'unknown log level: stderr'],
  ['PUT /debug/node/log-level/constructor', 400, 'unknown log level: constructor'],
  [
    'PUT /debug/cluster/log-level/debug?timeout=-1',
    400,
    'timeout must be greater than or equal to 0',
  ],
  ['PUT /debug/node/log-level/notice', 200, 'log level is already notice'],
  ['POST /debug/node/log-level/debug', 405, 'Method not allowed'],
  ['PUT /debug/node/log-level', 405, 'Method not allowed'],
  ['GET /debug/cluster/log-level', 404, 'Not found'],
])('%s changes nothing', async (line, status, message) => {
  const { node, changes } = nodeAt('notice')
  expect(await send(node, line)).toMatchObject({ status, json: { message } })
  expect(changes).toEqual([])
})

test('without a database Kong does not change it', async () => {
  const declarative = { load: () => Promise.reject(new Error('unused')), export: () => '' }
  const { node, changes } = nodeAt('notice', { declarative })
  expect(await send(node, 'PUT /debug/node/log-level/debug')).toMatchObject({
    status: 405,
    json: { message: 'cannot change log level when not using a database' },
  })
  expect(await send(node, 'GET /debug/node/log-level')).toMatchObject({ status: 200 })
  expect(changes).toEqual([])
})
