import { expect, test } from 'vitest'
import { dataOf, send, testNode } from '../node.fixture.ts'
import type { Json } from '../node.fixture.ts'

const gone = { status: 404, json: { message: 'Not found' } }

async function pools() {
  const node = testNode()
  let now = 1_800_000_000_000
  Object.assign(node.deps.context, { now: () => (now += 1) })
  for (const name of ['a.test', 'b.test']) {
    expect(await send(node, 'POST /upstreams', { name })).toMatchObject({ status: 201 })
  }
  const add = async (target: string, upstream = 'a.test') => {
    const made = await send(node, `POST /upstreams/${upstream}/targets`, { target })
    expect(made.status).toBe(201)
    return made.json ?? {}
  }
  const list = async (path: string) => {
    return dataOf(await send(node, `GET ${path}`)).map(({ target }) => target)
  }
  return { node, add, list }
}

test('targets are served below their upstream only', async () => {
  const { node, add } = await pools()
  const { id } = await add('x.test')
  for (const path of ['/targets', `/targets/${String(id)}`, `/targets/${String(id)}/upstream`]) {
    expect(await send(node, `GET ${path}`)).toMatchObject(gone)
    expect(await send(node, `POST ${path}`, 'target=y')).toMatchObject(gone)
  }
  expect(await send(node, 'PUT /upstreams/a.test/targets', {})).toMatchObject({ status: 405 })
  expect(await send(node, 'POST /upstreams/nobody/targets', 'target=y')).toMatchObject(gone)
})

test('a target is found by its id and, however it is written, by its key', async () => {
  const { node, add } = await pools()
  const plain = await add('x.test')
  const six = await add('[::1]:90')
  const at = (text: unknown) => send(node, `GET /upstreams/a.test/targets/${String(text)}`)
  for (const text of ['x.test', 'x.test:8000', 'x.test%3A8000', plain['id']]) {
    expect((await at(text)).json).toEqual(plain)
  }
  for (const text of ['[::1]:90', '[0::1]:90', six['target'], String(six['id']).toUpperCase()]) {
    expect((await at(text)).json).toEqual(six)
  }
  for (const text of ['x.test:80', 'y.test', '%20', '::1', plain['upstream']]) {
    expect(await at(text)).toMatchObject(gone)
  }
})

test('the same target in two upstreams is two targets; neither is the other one’s', async () => {
  const { node, add } = await pools()
  const [one, two] = [await add('x.test'), await add('x.test', 'b.test')]
  expect((await send(node, 'GET /upstreams/a.test/targets/x.test')).json).toEqual(one)
  expect((await send(node, 'GET /upstreams/b.test/targets/x.test')).json).toEqual(two)
  const other = `/upstreams/a.test/targets/${String(two['id'])}`
  for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
    const body = method === 'GET' || method === 'DELETE' ? undefined : { weight: 1 }
    expect(await send(node, `${method} ${other}`, body)).toMatchObject(gone)
  }
  expect(await send(node, 'DELETE /upstreams/a.test/targets/x.test')).toMatchObject({ status: 204 })
  expect(await send(node, 'DELETE /upstreams/a.test/targets/x.test')).toMatchObject({ status: 204 })
  expect((await send(node, 'GET /upstreams/b.test/targets/x.test')).json).toEqual(two)
  expect(await send(node, 'DELETE /upstreams/nobody/targets/x.test')).toMatchObject(gone)
})

test('PUT changes a target and never creates one', async () => {
  const { node, add, list } = await pools()
  const made = await add('x.test:80')
  const id = String(made['id'])
  await send(node, 'PATCH /upstreams/a.test/targets/x.test:80', 'weight=7&tags=t')
  expect(
    await send(node, `PUT /upstreams/a.test/targets/${id}`, { target: 'y.test' }),
  ).toMatchObject({ status: 200, json: { id, target: 'y.test:8000', weight: 7, tags: ['t'] } })
  const unknown = '00000000-0000-4000-8000-0000000000ff'
  for (const at of [unknown, 'x.test:80', 'z.test']) {
    expect(
      await send(node, `PUT /upstreams/a.test/targets/${at}`, { target: 'z.test' }),
    ).toMatchObject(gone)
  }
  expect(await list('/upstreams/a.test/targets')).toEqual(['y.test:8000'])
  await add('taken.test')
  expect(
    await send(node, `PUT /upstreams/a.test/targets/${id}`, { target: 'taken.test' }),
  ).toMatchObject({ status: 409, json: { code: 5 } })
})

test('what is written may name the upstream: POST puts it below the one of the path', async () => {
  const { node, list } = await pools()
  const body = { target: 'x.test', upstream: { name: 'b.test' } }
  await send(node, 'POST /upstreams/a.test/targets', body)
  expect(await list('/upstreams/a.test/targets')).toEqual(['x.test:8000'])
  const moved = await send(node, 'PATCH /upstreams/a.test/targets/x.test', body)
  expect(moved.status).toBe(200)
  expect(await list('/upstreams/a.test/targets')).toEqual([])
  expect(await list('/upstreams/b.test/targets')).toEqual(['x.test:8000'])
  expect(
    await send(node, 'PATCH /upstreams/b.test/targets/x.test', { upstream: null }),
  ).toMatchObject({ status: 400, json: { fields: { upstream: 'required field missing' } } })
})

test('the newest target stands first, and `all` goes by ids', async () => {
  const { node, add, list } = await pools()
  const made = []
  for (const name of ['a', 'b', 'c', 'd', 'e']) made.push(await add(`${name}.x.test:1`))
  const ascending = made.map(({ target }) => target)
  expect(await list('/upstreams/a.test/targets')).toEqual(ascending.toReversed())
  expect(await list('/upstreams/a.test/targets/all')).toEqual(ascending)
  for (const [path, order] of [
    ['/upstreams/a.test/targets', ascending.toReversed()],
    ['/upstreams/a.test/targets/all', ascending],
  ] as const) {
    expect((await follow(node, path)).map(({ target }) => target)).toEqual(order)
  }
})

/** The rows of every page of two; `next` says where a page begins, and not how long it is. */
async function follow(node: ReturnType<typeof testNode>, path: string): Promise<readonly Json[]> {
  const seen: Json[] = []
  for (let query = 'size=2'; ;) {
    const page = await send(node, `GET ${path}?${query}`)
    seen.push(...dataOf(page))
    const { next, offset } = page.json ?? {}
    expect(page.status).toBe(200)
    if (offset === undefined) {
      expect(next).toBeNull()
      return seen
    }
    const place = `offset=${encodeURIComponent(typeof offset === 'string' ? offset : '')}`
    expect(next).toBe(`${path}?${place}`)
    query = `${place}&size=2`
  }
}

test('a list refuses the offset of another sort of list', async () => {
  const { node, add } = await pools()
  for (const name of ['a', 'b']) await add(name)
  const offsetOf = async (path: string) =>
    String((await send(node, `GET ${path}?size=1`)).json?.['offset'])
  const newest = await offsetOf('/upstreams/a.test/targets')
  const ids = await offsetOf('/upstreams/a.test/targets/all')
  for (const path of [
    `/upstreams?offset=${newest}`,
    `/upstreams/a.test/targets/all?offset=${newest}`,
    `/upstreams/a.test/targets?offset=${ids}`,
    `/upstreams/a.test/health?offset=${ids}`,
  ]) {
    expect(await send(node, `GET ${path}`)).toMatchObject({ status: 400, json: { code: 7 } })
  }
})
