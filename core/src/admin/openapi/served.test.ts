import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { authority, ecCert, ecKey } from '../../entities/pem.fixture.ts'
import { send, testNode } from '../node.fixture.ts'
import type { Json } from '../node.fixture.ts'

type Answered = Awaited<ReturnType<typeof send>>

/** Sends requests and holds every answer, and every body that was accepted, against the document. */
async function strictNode() {
  const node = testNode()
  const { json: document } = await send(node, 'GET /openapi.json')
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  ajv.addSchema({ $id: 'api', ...document })
  const paths = document?.['paths'] as Record<string, Record<string, Json>>
  const seen = new Set<string>()

  function pointer(...keys: readonly string[]): string {
    const escaped = keys.map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1'))
    return `api#/${escaped.map(encodeURIComponent).join('/')}`
  }
  function find(path: string): string {
    const segments = path.split('/')
    const fits = (shown: string) => {
      const other = shown.split('/')
      return (
        other.length === segments.length &&
        other.every((name, at) => name.startsWith('{') || name === segments[at])
      )
    }
    const [first] = Object.keys(paths)
      .filter(fits)
      .toSorted((a, b) => a.split('{').length - b.split('{').length)
    if (first === undefined) throw new Error(`${path} is not described`)
    return first
  }
  function hold(at: string, value: unknown): void {
    const check = ajv.getSchema(at)
    if (check === undefined) throw new Error(`${at} is no schema`)
    expect([at, check(value), check.errors]).toEqual([at, true, null])
  }
  function responseAt(path: string, method: string, status: number): readonly string[] {
    const own = paths[path]?.[method]?.['responses'] as Record<string, Json>
    const response = own[status]
    if (response === undefined) throw new Error(`${method} ${path} does not answer ${status}`)
    const { $ref: name } = response
    return typeof name === 'string'
      ? name.split('/').slice(1)
      : ['paths', path, method, 'responses', String(status)]
  }
  /** Whether the document would have a body of JSON sent there. */
  function accepts(component: string, body: Json): boolean {
    const check = ajv.getSchema(pointer('components', 'schemas', component))
    return check?.(body) === true
  }
  async function call(line: string, body?: Json | string): Promise<Answered> {
    const answered = await send(node, line, body)
    const [method = '', url = ''] = line.split(' ')
    const path = find(url.split('?')[0] ?? '')
    const verb = method.toLowerCase()
    const at = responseAt(path, verb, answered.status)
    seen.add(`${method} ${path} ${answered.status}`)
    if (answered.json !== undefined) {
      hold(pointer(...at, 'content', 'application/json', 'schema'), answered.json)
    }
    if (typeof body === 'object' && answered.status < 300) {
      const type = ['requestBody', 'content', 'application/json', 'schema']
      hold(pointer('paths', path, verb, ...type), body)
    }
    return answered
  }
  return { call, seen, accepts }
}

const tcp = { protocols: ['tcp'], sources: [{ port: 1 }] }

/** Something of every entity, as a client would make it. */
const bodies: readonly (readonly [string, Json])[] = [
  ['/services', { name: 's', host: 'h', protocol: 'tcp', port: 1, tags: ['a'] }],
  ['/services', { url: 'tcp://h:1', retries: null }],
  ['/services/s/routes', { name: 'r', ...tcp, tags: ['a', 'b'] }],
  ['/routes', { protocols: ['tls'], snis: ['a.test'], service: { name: 's' } }],
  ['/routes', { protocols: ['http'], paths: ['/a', '~/b'], headers: { a: ['b'] } }],
  ['/upstreams', { name: 'u.test', algorithm: 'least-connections' }],
  ['/upstreams/u.test/targets', { target: 'h:1', weight: 5 }],
  ['/upstreams', { name: 'v.test', healthchecks: { passive: { unhealthy: { timeouts: 1 } } } }],
  ['/certificates', { cert: ecCert, key: ecKey, snis: ['x.test'] }],
  ['/certificates', { cert: ecCert, key: ecKey, snis: 'z.test' }],
  ['/certificates/x.test/snis', { name: 'y.test' }],
  ['/ca_certificates', { cert: authority }],
  ['/plugins', { name: 'sample', instance_name: 'p', config: { second: 1, nested: { port: 1 } } }],
  ['/services/s/plugins', { name: 'sample', config: null }],
  ['/consumers', { username: 'c', custom_id: '1' }],
  ['/key-sets', { name: 'set' }],
  ['/key-sets/set/keys', { name: 'k', kid: 'x', pem: { private_key: ecKey } }],
  ['/vaults', { name: 'env', prefix: 'my-env', config: { prefix: 'SECRET_' } }],
]

test('every answer is as the document says', async () => {
  const { call, seen } = await strictNode()
  for (const [path, body] of bodies) {
    expect([path, body, (await call(`POST ${path}`, body)).status]).toEqual([path, body, 201])
  }
  const items = ['/services/s', '/routes/r', '/services/s/routes/r', '/routes/r/service']
  items.push('/upstreams/u.test', '/certificates/x.test', '/snis/y.test', '/plugins/p')
  items.push('/consumers/c', '/vaults/my-env')
  for (const path of items) {
    expect((await call(`GET ${path}`)).status).toBe(200)
    expect((await call(`PATCH ${path}`, { tags: ['z'] })).status).toBe(200)
  }
  for (const path of ['/', '/status', '/endpoints', '/plugins/enabled', '/openapi.json']) {
    await call(`GET ${path}`)
  }
  for (const path of ['/tags', '/tags/z', '/tags?size=1', '/schemas/routes']) {
    await call(`GET ${path}`)
  }
  for (const path of ['targets/all', 'health', 'health?size=1', 'health?balancer_health=1']) {
    expect((await call(`GET /upstreams/u.test/${path}`)).status).toBe(200)
  }
  expect((await call('PUT /upstreams/u.test/targets/h:1/healthy')).status).toBe(400)
  await call('GET /schemas/plugins/sample')
  await call('POST /schemas/services/validate', { host: 'h' })
  const refused = [
    await call('POST /services', { host: 'h', port: 'x' }),
    await call('POST /services', { name: 's', host: 'h' }),
    await call('GET /services/nobody'),
    await call('GET /services?size=0'),
    await call('GET /services?tags='),
    await call('POST /schemas/services/validate', {}),
    await call('GET /schemas/nothing'),
    await call('POST /routes', { ...tcp, service: { name: 'nobody' } }),
    await call('POST /routes', { ...tcp, sources: [{}] }),
    await call('POST /services/s/plugins', { name: 'sample' }),
    await call('POST /routes', { ...tcp, service: { id: crypto.randomUUID() } }),
  ]
  expect(refused.map(({ status }) => status)).toEqual([
    400, 409, 404, 400, 400, 400, 404, 400, 400, 409, 400,
  ])
  for (const path of ['/services', '/routes', '/upstreams', '/plugins', '/snis', '/vaults']) {
    await call(`GET ${path}?size=1`)
  }
  expect((await call('PUT /services/new', { host: 'h' })).status).toBe(200)
  expect((await call('PUT /upstreams/new.test', {})).status).toBe(200)
  expect((await call('DELETE /upstreams/new.test')).status).toBe(204)
  expect((await call('DELETE /services/s')).status).toBe(400)
  expect(seen.size).toBeGreaterThan(50)
})

/** Nothing is kept of what is refused. */
const refusing = strictNode()

test.each<[string, string, Json]>([
  ['/services', 'ServiceInput', {}],
  ['/services', 'ServiceInput', { host: 'h', port: 65_536 }],
  ['/services', 'ServiceInput', { host: 'h', nope: 1 }],
  ['/services', 'ServiceInput', { host: 'h', protocol: 'smtp' }],
  ['/services', 'ServiceInput', { host: 'h', enabled: null }],
  ['/routes', 'RouteInput', { protocols: [] }],
  ['/routes', 'RouteInput', { ...tcp, sources: [{ ip: 1 }] }],
  ['/routes', 'RouteInput', { ...tcp, sources: [{}] }],
  ['/plugins', 'PluginInput', { name: 'nobody' }],
  ['/plugins', 'PluginInput', { name: 'sample', config: { second: 0 } }],
  ['/plugins', 'PluginInput', { name: 'sample', config: { nested: { nope: 1 } } }],
  ['/certificates', 'CertificateInput', { cert: ecCert }],
  ['/upstreams', 'UpstreamInput', { name: 'u.test', healthchecks: { threshold: 101 } }],
])('at %s neither the server nor the document takes %s %j', async (path, component, body) => {
  const { call, accepts } = await refusing
  expect((await call(`POST ${path}`, body)).status).toBe(400)
  expect(accepts(component, body)).toBe(false)
})

test('what the server takes, the document takes', async () => {
  const { call } = await strictNode()
  await call('POST /services', { name: 'x', host: 'h' })
  const values = fc.oneof(
    fc.constantFrom<unknown>('x', 'tcp', 'tls', '/a', '10.0.0.1', null, true, false, 0, 80, 1.5),
    fc.constantFrom<unknown>(['tcp'], ['tls'], ['a.test'], [{ port: 1 }], [{ ip: '::1' }], []),
    fc.constantFrom<unknown>({ name: 'x' }, { id: null }, {}, { second: 1 }, { strict: null }),
    fc.uuid(),
  )
  const fields = ['name', 'host', 'url', 'protocol', 'protocols', 'port', 'path', 'tags', 'service']
  fields.push('sources', 'snis', 'retries', 'enabled', 'config', 'id', 'created_at', 'route')
  const started: Readonly<Record<string, Json>> = {
    '/services': { host: 'h' },
    '/routes': { protocols: ['tcp'], sources: [{ port: 1 }] },
    '/plugins': { name: 'sample' },
    '/consumers': { username: 'u' },
    '/upstreams': { name: 'u.test' },
  }
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(started)),
      fc.dictionary(fc.constantFrom(...fields), values, { maxKeys: 3 }),
      async (path, body) => {
        const { status } = await call(`POST ${path}`, { ...started[path], ...body })
        accepted += Number(status === 201)
      },
    ),
    { numRuns: 300 },
  )
  expect(accepted).toBeGreaterThan(20)
})
