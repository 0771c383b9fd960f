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
  expect(paths).toContain('/key-sets/:parent/keys/:item')
  expect(paths.filter((path) => path.includes('targets'))).toEqual([
    '/upstreams/:parent/targets',
    '/upstreams/:parent/targets/:item',
    '/upstreams/:parent/targets/all',
    '/upstreams/:parent/targets/:item/healthy',
    '/upstreams/:parent/targets/:item/unhealthy',
    '/upstreams/:parent/targets/:item/automatic',
    '/upstreams/:parent/targets/:item/:address/healthy',
    '/upstreams/:parent/targets/:item/:address/unhealthy',
    '/upstreams/:parent/targets/:item/:address/automatic',
  ])
  const service = listEndpoints().find(({ path }) => path === '/routes/:item/service')
  expect(service && allowed(service)).toEqual(['GET', 'HEAD', 'OPTIONS', 'PATCH', 'PUT'])
})

test('whatever is sent, the answer is no failure of the server', async () => {
  const node = testNode()
  await send(node, 'POST /services', 'name=x&host=h')
  await send(node, 'POST /services/x/routes', { ...tcp, name: 'x' })
  await send(node, 'POST /upstreams', 'name=x')
  await send(node, 'POST /upstreams/x/targets', 'target=x:80')
  await send(node, 'POST /consumers', 'username=x')
  await send(node, 'POST /key-sets', 'name=x')
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
    'target',
    'weight',
    'upstream',
    'healthchecks',
    'hash_on',
    'algorithm',
    'username',
    'consumer',
    'kid',
    'jwk',
    'pem',
    'set',
    'prefix',
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
    fc.array(pair, { maxLength: 6 }).map((pairs) => ({ payload: partsOf(pairs), type: parts })),
    fc.string().map((payload) => ({ payload, type: 'application/json' })),
    fc.string().map((payload) => ({ payload, type: parts })),
  )
  const segment = fc.oneof(
    fc.constantFrom('x', 'y', 'sample', 'services', 'plugins', 'x:80', '[::1]:80'),
    fc.uuid(),
    fc.string({ minLength: 1 }),
  )
  const path = fc
    .tuple(
      fc.constantFrom(...listEndpoints().map((endpoint) => endpoint.path)),
      fc.array(segment, { minLength: 3, maxLength: 3 }),
    )
    .map(([url, segments]) => {
      const texts = segments.values()
      return url.replace(/:\w+/g, () =>
        encodeURIComponent((texts.next().value ?? '').toWellFormed()),
      )
    })
  const query = fc.constantFrom('', '?size=1', '?offset=WyJ4Il0=', '?tags=a,b', '?custom_id=x')
  const condition = fc.constantFrom<Record<string, string>>(
    {},
    { 'if-match': '*' },
    { 'if-match': '"x", W/"y"' },
    { 'if-none-match': '*' },
    { 'if-none-match': 'x' },
  )
  let cases = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...methods),
      path,
      query,
      body,
      condition,
      async (method, url, rest, { payload, type }, conditions) => {
        cases++
        const response = await node.app.inject({
          method,
          url: `${url}${rest}`,
          payload,
          headers: { 'content-type': type, ...conditions },
        })
        // There is nothing behind /status/dns, whoever asks.
        if (response.statusCode !== 501) expect(response.statusCode).toBeLessThan(500)
        expect(node.logged).toEqual([])
      },
    ),
    { numRuns: 3000 },
  )
  process.stdout.write(`arbitrary requests to every endpoint: ${cases}\n`)
})

const parts = 'multipart/form-data; boundary=line'

function partsOf(pairs: readonly (readonly [string, string])[]): string {
  const texts = pairs.map(
    ([name, value]) =>
      `--line\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  return `${texts.join('')}--line--\r\n`
}
