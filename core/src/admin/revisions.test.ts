import { expect, test } from 'vitest'
import { EntityError } from '../errors/entity-error.ts'
import { RevisionError } from '../node/configuration/revision-error.ts'
import type { ListedRevision, Revisions } from '../node/configuration/revisions.ts'
import { dataOf, send, testNode } from './node.fixture.ts'

const listed = (number: number): ListedRevision => {
  return { number, created_at: number / 2, author: null, changes: 1, entities: ['services'] }
}

/** Revisions 1 to 5; `fault` is what comes of asking for one. */
function recorded(fault?: Error, asked: unknown[] = []): Revisions {
  const refuse = <T>(value: T): Promise<T> =>
    fault ? Promise.reject(fault) : Promise.resolve(value)
  return {
    list: async ({ size, below = 6 }) =>
      [5, 4, 3, 2, 1]
        .filter((number) => number < below)
        .slice(0, size)
        .map(listed),
    show: (number) => refuse({ number, created_at: 1, author: 'me', changes: [] }),
    diff: (from, to = 5) => refuse({ from, to, changes: [] }),
    rollback: (number, author) => {
      asked.push([number, author])
      return refuse({ revision: 6, changes: 1 })
    },
  }
}

test('revisions are listed by pages', async () => {
  const node = testNode({}, { revisions: recorded() })
  const numbers: unknown[] = []
  let next: unknown = '/revisions?size=2'
  while (typeof next === 'string') {
    const page = await send(node, `GET ${next}`)
    numbers.push(dataOf(page).map(({ number }) => number))
    next = page.json?.['next']
  }
  expect(numbers).toEqual([[5, 4], [3, 2], [1]])
  const all = await send(node, 'GET /revisions')
  expect(all.json).toEqual({ data: [5, 4, 3, 2, 1].map(listed), next: null })
  expect((await send(node, 'GET /revisions?size=0')).status).toBe(400)
  const foreign = Buffer.from('["x"]').toString('base64')
  expect((await send(node, `GET /revisions?offset=${foreign}`)).json).toMatchObject({ code: 7 })
})

test('one is shown, and gone back to by whoever asks', async () => {
  const asked: unknown[] = []
  const node = testNode({}, { revisions: recorded(undefined, asked) })
  expect(await send(node, 'GET /revisions/3')).toMatchObject({
    status: 200,
    json: { number: 3, author: 'me', changes: [] },
  })
  expect(await send(node, 'POST /revisions/3/rollback')).toMatchObject({
    status: 200,
    json: { revision: 6, changes: 1 },
  })
  expect(asked).toEqual([[3, '127.0.0.1']])
  for (const wrong of ['x', '-1', '1.5', '1e3', '9999999999999999']) {
    expect((await send(node, `GET /revisions/${wrong}`)).status).toBe(404)
    expect((await send(node, `POST /revisions/${wrong}/rollback`)).status).toBe(404)
  }
  expect((await send(node, 'PUT /revisions/3')).status).toBe(405)
})

test.each([
  [new RevisionError('unknown', 'there is none'), 404, 404],
  [new RevisionError('forgotten', 'it is forgotten'), 404, 409],
  [new RevisionError('impossible', 'routes r cannot'), 409, 409],
  [new EntityError(2, 'schema violation (x: no)'), 409, 409],
  [new EntityError(8, 'the database is away'), 500, 500],
])('%o is answered', async (fault, shown, rolledBack) => {
  const node = testNode({}, { revisions: recorded(fault) })
  const message = expect.stringContaining(fault.message)
  expect(await send(node, 'GET /revisions/3')).toMatchObject({ status: shown, json: { message } })
  const answer = await send(node, 'POST /revisions/3/rollback')
  expect(answer).toMatchObject({ status: rolledBack, json: { message } })
})

test('without a database there are none', async () => {
  const node = testNode()
  for (const line of ['GET /revisions', 'GET /revisions/1', 'POST /revisions/1/rollback']) {
    expect(await send(node, line)).toMatchObject({
      status: 400,
      json: { message: 'there are no revisions without a database' },
    })
  }
})
