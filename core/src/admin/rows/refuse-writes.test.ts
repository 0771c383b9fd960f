import { afterEach, beforeEach, expect, test } from 'vitest'
import { declarativeNode } from '../../node/configuration/declarative.fixture.ts'
import { send, testNode } from '../node.fixture.ts'

let inside: Awaited<ReturnType<typeof declarativeNode>>
let node: ReturnType<typeof testNode>
beforeEach(async () => {
  inside = await declarativeNode()
  node = testNode(
    {},
    {
      entities: () => inside.entities,
      write: inside.write,
      context: inside.context,
      declarative: inside.config,
    },
  )
  const services = [
    {
      name: 'a',
      id,
      host: 'h',
      routes: [{ name: 'r', protocols: ['tcp'], sources: [{ port: 1 }] }],
    },
  ]
  await inside.config.load({ _format_version: '3.0', services }, { unlessSame: false })
})
afterEach(() => inside.remove())

const id = '0855b320-0dd2-547d-891d-601e9b38647f'
const other = '481a9539-f49c-51b6-b2e2-fe99ee68866c'
const service = { name: 'b', host: 'h' }

test.each([
  ['POST /services', service, "cannot create 'services' entities"],
  ['POST /services', {}, "cannot create 'services' entities"],
  ['POST /services', { ...service, name: 'a' }, "cannot create 'services' entities"],
  [
    'POST /routes',
    { protocols: ['tcp'], sources: [{ port: 1 }], service: { id: other } },
    "cannot create 'routes' entities",
  ],
  ['POST /services/a/routes', {}, "cannot create 'routes' entities"],
  ['POST /consumers', 'username=x', "cannot create 'consumers' entities"],
  ['POST /key-sets', { name: 'x' }, "cannot create 'key_sets' entities"],
  [`PUT /services/${other}`, service, "cannot create or update 'services' entities"],
  ['PUT /services/a', service, "cannot create or update 'services' entities by 'name'"],
  ['PUT /services/new', service, "cannot create or update 'services' entities by 'name'"],
  [`PATCH /services/${id}`, { port: 1 }, "cannot update 'services' entities"],
  ['PATCH /services/a', { port: 'x' }, "cannot update 'services' entities by 'name'"],
  ['PATCH /routes/r/service', { port: 1 }, "cannot update 'services' entities"],
  [`DELETE /services/${id}`, undefined, "cannot remove 'services' entities"],
  ['DELETE /routes/r', undefined, "cannot remove 'routes' entities by 'name'"],
])('%s %j is refused', async (line, body, message) => {
  const before = inside.entities.revision
  const { status, json } = await send(node, line, body)
  expect([status, json]).toEqual([
    405,
    { code: 12, name: 'operation unsupported', message: `${message} when not using a database` },
  ])
  expect(inside.entities.revision).toBe(before)
})

test.each([
  ['PATCH /services/gone', 404],
  ['POST /services/gone/routes', 404],
  ['DELETE /services/gone', 204],
  [`DELETE /services/${other}`, 204],
  ['PUT /services', 405],
])('%s is answered as ever: %i', async (line, status) => {
  expect((await send(node, line, {})).status).toBe(status)
})

test('reading goes on, and so does checking', async () => {
  expect((await send(node, 'GET /services/a')).json).toMatchObject({ id })
  expect((await send(node, 'GET /services/a/routes')).json).toMatchObject({ data: [{ name: 'r' }] })
  expect((await send(node, 'POST /schemas/services/validate', service)).status).toBe(200)
})
