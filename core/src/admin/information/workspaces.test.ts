import { expect, test } from 'vitest'
import { send, testNode } from '../node.fixture.ts'
import { withoutWorkspace } from './workspaces.ts'

const id = '0dc6f45b-8f8d-40d2-a504-473544ee190b'

test.each(['default', id])('there is one workspace: %s', async (name) => {
  const node = testNode()
  const { json } = await send(node, `GET /workspaces/${name}`)
  expect(json).toMatchObject({ id, name: 'default', created_at: expect.any(Number) })
  expect((await send(node, 'GET /workspaces/')).json).toEqual({ data: [json], next: null })
})

test.each([
  ['GET /workspaces/other', 404],
  ['GET /consumer_groups/any', 404],
  ['GET /workspaces?size=0', 400],
  ['GET /consumer_groups?size=1000&tags=a,b', 200],
  ['GET /consumer_groups?tags=', 400],
  ['POST /workspaces', 405],
  ['PUT /workspaces/default', 405],
  ['PATCH /workspaces/default', 405],
  ['DELETE /workspaces/default', 405],
  ['POST /consumer_groups', 405],
  ['DELETE /consumer_groups/any', 405],
  ['GET /other/workspaces/other', 404],
])('%s is answered %d', async (line, status) => {
  expect((await send(testNode(), line)).status).toBe(status)
})

test('there are no consumer groups', async () => {
  expect((await send(testNode(), 'GET /consumer_groups')).json).toEqual({ data: [], next: null })
})

test('a client that puts the workspace before its paths is understood', async () => {
  const node = testNode()
  await send(node, 'POST /default/services', 'name=s&host=h')
  expect(await send(node, 'GET /default/services/s')).toMatchObject({ status: 200 })
  expect(await send(node, 'GET /services/s')).toMatchObject({ status: 200 })
  expect(await send(node, 'GET /default/workspaces/default')).toMatchObject({ json: { id } })
  expect((await send(node, 'GET /default/kong')).json).toEqual((await send(node, 'GET /')).json)
})

test.each([
  ['/default/kong', '/'],
  ['/default/kong/?a=b', '/?a=b'],
  ['/default/kongs', '/kongs'],
  ['/default/services?x=/default/', '/services?x=/default/'],
  ['/default', '/default'],
  ['/defaults/a', '/defaults/a'],
  ['/services/default/kong', '/services/default/kong'],
])('%s is meant as %s', (url, meant) => {
  expect(withoutWorkspace(url)).toBe(meant)
})
