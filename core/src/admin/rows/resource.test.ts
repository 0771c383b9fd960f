import { expect, test } from 'vitest'
import { ecCert, ecKey } from '../../entities/pem.fixture.ts'
import { send, testNode } from '../node.fixture.ts'

const tcp = { protocols: ['tcp'], sources: [{ port: 1 }] }

test('the example of the announcement', async () => {
  const node = testNode()
  const service = await send(node, 'POST /services', 'name=tcpbin-echo&url=tcp://127.0.0.1:30000')
  expect(service).toMatchObject({
    status: 201,
    json: { name: 'tcpbin-echo', protocol: 'tcp', host: '127.0.0.1', port: 30000, path: null },
  })
  const route = await send(
    node,
    'POST /services/tcpbin-echo/routes',
    'protocols=tls&snis=tlsbin-example',
  )
  expect(route).toMatchObject({
    status: 201,
    json: { protocols: ['tls'], snis: ['tlsbin-example'], service: { id: service.json?.['id'] } },
  })
})

test('create, read, change, replace and delete', async () => {
  const node = testNode()
  const made = await send(node, 'POST /routes', { ...tcp, name: 'r' })
  expect(made.status).toBe(201)
  expect((await send(node, 'GET /routes/r')).json).toEqual(made.json)
  expect((await send(node, `GET /routes/${String(made.json?.['id'])}/`)).json).toEqual(made.json)
  expect(await send(node, 'PATCH /routes/r', { tags: ['t'] })).toMatchObject({
    status: 200,
    json: { ...made.json, tags: ['t'] },
  })
  expect(await send(node, 'PUT /routes/r', tcp)).toMatchObject({
    status: 200,
    json: { tags: null, name: 'r' },
  })
  expect(await send(node, 'PUT /routes/new', tcp)).toMatchObject({
    status: 200,
    json: { name: 'new' },
  })
  expect(await send(node, 'DELETE /routes/r')).toMatchObject({ status: 204, json: undefined })
  expect(await send(node, 'DELETE /routes/r')).toMatchObject({ status: 204 })
  const gone = { status: 404, json: { message: 'Not found' } }
  expect(await send(node, 'GET /routes/r')).toMatchObject(gone)
  expect(await send(node, 'PATCH /routes/r', {})).toMatchObject(gone)
})

test('what is below a parent belongs to it', async () => {
  const node = testNode()
  await send(node, 'POST /services', 'name=a&host=h')
  await send(node, 'POST /services', 'name=b&host=h')
  await send(node, 'POST /services/a/routes', { ...tcp, name: 'r' })
  await send(node, 'POST /services/a/routes', { ...tcp, name: 'r2' })
  const gone = { status: 404, json: { message: 'Not found' } }
  expect((await send(node, 'GET /services/a/routes')).json?.['data']).toHaveLength(2)
  expect((await send(node, 'GET /services/b/routes')).json).toEqual({ data: [], next: null })
  expect(await send(node, 'GET /services/nobody/routes')).toMatchObject(gone)
  expect(await send(node, 'GET /services/a/routes/r')).toMatchObject({ status: 200 })
  expect(await send(node, 'GET /services/b/routes/r')).toMatchObject(gone)
  expect(await send(node, 'PUT /services/b/routes/r', tcp)).toMatchObject(gone)
  expect(await send(node, 'DELETE /services/b/routes/r')).toMatchObject(gone)
  expect(await send(node, 'PUT /services/b/routes/n', tcp)).toMatchObject({
    status: 200,
    json: { name: 'n' },
  })
  expect(await send(node, 'PATCH /services/a/routes/r', 'tags=x')).toMatchObject({
    json: { tags: ['x'] },
  })
  expect(await send(node, 'DELETE /services/a/routes/r')).toMatchObject({ status: 204 })
  expect(await send(node, 'GET /routes/r2/service')).toMatchObject({ json: { name: 'a' } })
  expect(await send(node, 'PATCH /routes/r2/service', 'retries=1')).toMatchObject({
    json: { name: 'a', retries: 1 },
  })
  expect(await send(node, 'PUT /routes/r2/service', 'host=x')).toMatchObject({
    json: { host: 'x', retries: 5, name: null },
  })
  expect(await send(node, 'DELETE /routes/r2/service')).toMatchObject({ status: 405 })
  await send(node, 'POST /routes', { ...tcp, name: 'alone' })
  expect(await send(node, 'GET /routes/alone/service')).toMatchObject(gone)
})

test('plugins on a service and on a route, typed by their own schema', async () => {
  const node = testNode()
  await send(node, 'POST /services', 'name=s&host=h')
  await send(
    node,
    'POST /services/s/routes',
    'name=r&protocols=tcp&sources[1].ip=10.0.0.0/8&sources[2].port=5',
  )
  expect((await send(node, 'GET /routes/r')).json?.['sources']).toEqual([
    { ip: '10.0.0.0/8', port: null },
    { ip: null, port: 5 },
  ])
  const made = await send(
    node,
    'POST /services/s/plugins',
    'name=sample&config.allow=10.0.0.0/8&config[second]=5',
  )
  expect(made).toMatchObject({
    status: 201,
    json: { config: { allow: ['10.0.0.0/8'], second: 5 } },
  })
  const id = String(made.json?.['id'])
  expect(
    await send(node, `PATCH /services/s/plugins/${id}`, 'config.strict=true&config.nested.port=1'),
  ).toMatchObject({
    status: 200,
    json: { config: { second: 5, strict: true, nested: { port: 1 } } },
  })
  expect(
    await send(node, 'POST /routes/r/plugins', 'name=sample&instance_name=mine'),
  ).toMatchObject({ status: 201 })
  expect(await send(node, 'GET /plugins/mine')).toMatchObject({ json: { instance_name: 'mine' } })
  expect(await send(node, 'GET /plugins/enabled')).toMatchObject({
    json: { enabled_plugins: ['sample', 'passer'] },
  })
  expect(await send(node, 'POST /services/s/plugins', 'name=sample')).toMatchObject({
    status: 409,
    json: { code: 5 },
  })
})

test('certificates by id and by SNI', async () => {
  const node = testNode()
  const pair = { cert: ecCert, key: ecKey }
  const encoded = new URLSearchParams([
    ...Object.entries(pair),
    ['snis', 'a.test'],
    ['snis', 'b.test'],
  ])
  const made = await send(node, 'POST /certificates', String(encoded))
  expect(made).toMatchObject({ status: 201, json: { ...pair, snis: ['a.test', 'b.test'] } })
  const id = String(made.json?.['id'])
  expect(await send(node, 'GET /certificates/b.test')).toMatchObject({
    json: { id, snis: ['a.test', 'b.test'] },
  })
  const unknown = { status: 404, json: { message: 'SNI not found' } }
  expect(await send(node, 'GET /certificates/c.test')).toMatchObject(unknown)
  expect(await send(node, 'DELETE /certificates/c.test')).toMatchObject(unknown)
  expect(await send(node, 'PATCH /certificates/c.test', {})).toMatchObject(unknown)
  expect(await send(node, 'PUT /certificates/c.test', pair)).toMatchObject({
    status: 200,
    json: { snis: ['c.test'] },
  })
  const both = { ...pair, snis: 'b.test' }
  expect(await send(node, 'PUT /certificates/a.test', both)).toMatchObject({
    json: { id, snis: ['a.test', 'b.test'] },
  })
  expect((await send(node, `GET /certificates/${id}/snis`)).json?.['data']).toHaveLength(2)
  expect(await send(node, 'POST /certificates/c.test/snis', 'name=d.test')).toMatchObject({
    status: 201,
  })
  expect(await send(node, 'GET /certificates/c.test/snis/a.test')).toMatchObject({ status: 404 })
  await send(node, 'POST /services', { url: 'tls://h:1', client_certificate: { id } })
  expect((await send(node, `GET /certificates/${id}/services`)).json?.['data']).toHaveLength(1)
  expect(await send(node, `POST /certificates/${id}/services`, 'host=h')).toMatchObject({
    status: 405,
  })
  expect(await send(node, `DELETE /certificates/${id}`)).toMatchObject({
    status: 400,
    json: { code: 4 },
  })
  expect(await send(node, 'GET /snis/a.test/certificate')).toMatchObject({ status: 404 })
  expect(await send(node, 'GET /ca_certificates/x')).toMatchObject({
    status: 400,
    json: { code: 1 },
  })
  expect(JSON.stringify(node.logged)).toBe('[]')
})

test('lists: pages, and what the next one keeps', async () => {
  const node = testNode()
  for (const name of ['a', 'b', 'c'])
    await send(node, 'POST /services', { name, host: 'h', tags: ['x', name] })
  const first = await send(node, 'GET /services?size=2&tags=x&ignored=1')
  const { offset, next } = first.json ?? {}
  expect(next).toBe(`/services?offset=${encodeURIComponent(String(offset))}&size=2&tags=x`)
  const last = await send(node, `GET ${String(next)}`)
  expect(last.json).toMatchObject({ next: null, data: [{ name: 'c' }] })
  expect(last.json).not.toHaveProperty('offset')
  expect((await send(node, 'GET /services?tags=a/b')).json?.['data']).toHaveLength(2)
  expect((await send(node, 'GET /services?tags=x,b')).json?.['data']).toHaveLength(1)
  for (const name of ['r', 'q']) await send(node, 'POST /services/a/routes', { ...tcp, name })
  const nested = (await send(node, 'GET /services/a/routes?size=1&tags=none')).json?.['next']
  expect((await send(node, 'GET /services/a/routes?tags=a,b/c')).status).toBe(200)
  expect(nested).toMatch(/^\/services\/a\/routes\?offset=[^&]+$/)
})
