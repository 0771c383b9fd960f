import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ecCert, ecKey } from '../entities/pem.fixture.ts'
import { allowed, methods } from './endpoint.ts'
import { listEndpoints } from './endpoints.ts'
import { form, send, testNode } from './node.fixture.ts'

const tcp = { protocols: ['tcp'], sources: [{ port: 1 }] }

test('every endpoint says what it allows', () => {
  const paths = listEndpoints().map(({ path }) => path)
  expect(new Set(paths).size).toBe(paths.length)
  expect(paths).toContain('/certificates/:parent/snis/:item')
  const service = listEndpoints().find(({ path }) => path === '/routes/:item/service')
  expect(service && allowed(service)).toEqual(['GET', 'HEAD', 'OPTIONS', 'PATCH', 'PUT'])
})

test('whatever is sent, the answer is no failure of the server', async () => {
  const node = testNode()
  await send(node, 'POST /services', 'name=x&host=h')
  await send(node, 'POST /services/x/routes', { ...tcp, name: 'x' })
  await send(node, 'POST /certificates', { cert: ecCert, key: ecKey, snis: ['x'] })
  const fields = [
    'name',
    'host',
    'url',
    'snis',
    'service',
    'config',
    'protocols',
    'sources',
    'cert',
    'key',
    'id',
    'tags',
    'certificate',
    'client_certificate',
    'ca_certificates',
    'created_at',
  ]
  const key = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...fields) }, fc.string())
  const leaf = fc.oneof(
    fc.constantFrom('x', 'tcp', 'tls', 'sample', ecCert, ecKey, null, true, 0, 80, 1e308),
    fc.jsonValue({ maxDepth: 3 }),
    fc.record({ name: fc.constantFrom('x', 'y'), id: fc.option(fc.uuid()) }),
  )
  const json = fc.dictionary(key, leaf, { maxKeys: 6 }).map((value) => JSON.stringify(value))
  const pair = fc.tuple(
    fc.oneof(
      key,
      fc.string(),
      key.map((name) => `${name}[1].ip`),
    ),
    fc.string(),
  )
  const text = fc.array(pair, { maxLength: 6 }).map((pairs) => String(new URLSearchParams(pairs)))
  const body = fc.oneof(
    json.map((payload) => ({ payload, type: 'application/json' })),
    text.map((payload) => ({ payload, type: form })),
    fc.string().map((payload) => ({ payload, type: 'application/json' })),
  )
  const segment = fc.oneof(
    fc.constantFrom('x', 'y', 'sample', 'services', 'plugins'),
    fc.uuid(),
    fc.string({ minLength: 1 }),
  )
  const path = fc
    .tuple(fc.constantFrom(...listEndpoints().map((endpoint) => endpoint.path)), segment, segment)
    .map(([url, one, two]) =>
      url
        .replace(':parent', () => encodeURIComponent(one.toWellFormed()))
        .replace(/:(?:item|name|tags)/, () => encodeURIComponent(two.toWellFormed())),
    )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...methods),
      path,
      body,
      async (method, url, { payload, type }) => {
        const response = await node.app.inject({
          method,
          url,
          payload,
          headers: { 'content-type': type },
        })
        expect(response.statusCode).toBeLessThan(500)
        expect(node.logged).toEqual([])
      },
    ),
    { numRuns: 2000 },
  )
})
