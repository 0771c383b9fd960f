import { expect, test } from 'vitest'
import { send, testNode } from '../node.fixture.ts'
import type { Json } from '../node.fixture.ts'

async function taggedNode() {
  const node = testNode()
  await send(node, 'POST /services', { name: 'a', host: 'h', tags: ['x', 'b c', 'a'] })
  await send(node, 'POST /services', { name: 'b', host: 'h' })
  await send(node, 'POST /services', { name: 'c', host: 'h', tags: ['x'] })
  await send(node, 'POST /plugins', { name: 'sample', tags: ['x', 'é'] })
  return node
}

/** Follows `next` from page to page. */
async function follow(node: Awaited<ReturnType<typeof taggedNode>>, from: string) {
  const seen: string[] = []
  const sizes: number[] = []
  for (let path: unknown = from; typeof path === 'string';) {
    const { status, json } = await send(node, `GET ${path}`)
    expect(status).toBe(200)
    expect(json?.['next'] === null).toBe(json?.['offset'] === undefined)
    const data = (json?.['data'] ?? []) as Json[]
    seen.push(...data.map(({ tag, entity_name: entity }) => `${String(tag)} ${String(entity)}`))
    sizes.push(data.length)
    path = json?.['next']
  }
  return { seen, sizes }
}

const all = ['a services', 'b c services', 'x services', 'x services', 'x plugins', 'é plugins']

test.each([
  ['/tags', [6], all],
  ['/tags?size=6', [6], all],
  ['/tags?size=4', [4, 2], all],
  ['/tags?size=1', [1, 1, 1, 1, 1, 1], all],
  ['/tags/x', [3], ['x services', 'x services', 'x plugins']],
  ['/tags/x?size=1', [1, 1, 1], ['x services', 'x services', 'x plugins']],
  ['/tags/%C3%A9?size=1', [1], ['é plugins']],
  ['/tags/b%20c', [1], ['b c services']],
  ['/tags/nobody', [0], []],
])('%s comes in pages of %j', async (path, sizes, seen) => {
  expect(await follow(await taggedNode(), path)).toEqual({ seen, sizes })
})

test('an entry names the entity', async () => {
  const node = await taggedNode()
  const [plugin] = node.set.list('plugins', { size: 1 }).rows
  expect((await send(node, 'GET /tags/%C3%A9')).json).toEqual({
    data: [{ tag: 'é', entity_name: 'plugins', entity_id: plugin?.id }],
    next: null,
  })
})

test('a page goes on after what has gone', async () => {
  const node = await taggedNode()
  const { json } = await send(node, 'GET /tags?size=2')
  await send(node, 'DELETE /services/a')
  expect((await follow(node, String(json?.['next']))).seen).toEqual(all.slice(3))
})

test.each([
  ['/tags?size=0', 9],
  ['/tags?offset=%25', 7],
  ['/tags?offset=WyJ4Il0=', 7],
  ['/tags/a,b', 10],
  ['/tags/a%2Fb', 10],
])('%s is refused with code %d', async (path, code) => {
  expect(await send(await taggedNode(), `GET ${path}`)).toMatchObject({
    status: 400,
    json: { code },
  })
})
