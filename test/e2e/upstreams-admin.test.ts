import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { ecCert, ecKey } from '../../core/src/entities/pem.fixture.ts'
import { submit } from './support/admin.ts'
import { startGateway, temporaryFolder } from './support/gateway.ts'
import type { Answer, Json, RunningGateway } from './support/gateway.ts'

const run = promisify(execFile)

/** What `curl` sends and gets; each argument is one of its own. */
async function curl(
  gateway: RunningGateway,
  path: string,
  ...args: readonly string[]
): Promise<Answer> {
  const url = `http://127.0.0.1:${gateway.adminPort}${path}`
  const shown = ['-sS', '-g', '-w', '\n%{http_code}']
  const { stdout } = await run('curl', [...shown, ...args, url])
  const at = stdout.lastIndexOf('\n')
  const text = stdout.slice(0, at)
  return { status: Number(stdout.slice(at)), body: text === '' ? undefined : JSON.parse(text) }
}

/** A request with headers of its own, and the entity tag of its answer. */
async function conditionally(
  gateway: RunningGateway,
  line: string,
  headers: Readonly<Record<string, string>> = {},
  body?: object,
): Promise<Answer & { readonly etag: string }> {
  const [method = '', path = ''] = line.split(' ')
  const response = await fetch(`http://127.0.0.1:${gateway.adminPort}${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    body: text === '' ? undefined : JSON.parse(text),
    etag: response.headers.get('etag') ?? '',
  }
}

test('an upstream and its targets, as go-kong and curl write them, survive a restart', async () => {
  const prefix = temporaryFolder()
  const first = await startGateway({ prefix })
  const upstream = await submit(
    first,
    'POST /upstreams',
    'name=pool.test',
    'slots=20',
    'healthchecks.active.type=tcp',
    'healthchecks.active.healthy.interval=5',
    'tags[]=t',
  )
  expect(upstream).toMatchObject({
    status: 201,
    body: { slots: 20, tags: ['t'], healthchecks: { active: { type: 'tcp', timeout: 1 } } },
  })
  const id = '3b6f2f1c-0a53-4f0e-9f0b-1d7b6f6b1a01'
  const target = { id, target: '[::1]:90', weight: 5, upstream: { id: upstream.body.id } }
  // go-kong tries PUT first, and posts what is not there.
  expect(await first.admin('PUT', `/upstreams/pool.test/targets/${id}`, target)).toMatchObject({
    status: 404,
    body: { message: 'Not found' },
  })
  const made = await first.create('/upstreams/pool.test/targets', target)
  expect(made).toMatchObject({ id, weight: 5 })
  expect(String(made.created_at)).toMatch(/^\d+(?:\.\d{1,3})?$/)
  await submit(first, 'POST /upstreams/pool.test/targets', 'target=127.0.0.1', 'tags=t')
  expect(
    await first.admin('PUT', `/upstreams/pool.test/targets/${id}`, { ...target, weight: 9 }),
  ).toMatchObject({ status: 200, body: { id, weight: 9 } })
  expect(await curl(first, '/upstreams/pool.test/targets/[::1]:90')).toMatchObject({
    status: 200,
    body: { id },
  })
  expect((await first.admin('GET', '/targets')).status).toBe(404)
  const before = await first.admin('GET', '/upstreams/pool.test/targets')
  expect(before.body.data.map((row: Json) => row.target)).toEqual([
    '127.0.0.1:8000',
    '[0000:0000:0000:0000:0000:0000:0000:0001]:90',
  ])
  const { etag } = await conditionally(first, `GET /upstreams/pool.test/targets/${id}`)
  first.signal('SIGTERM')
  expect(await first.exited).toBe(0)

  const second = await startGateway({ prefix })
  expect(await second.admin('GET', '/upstreams/pool.test/targets')).toEqual(before)
  expect((await conditionally(second, `GET /upstreams/pool.test/targets/${id}`)).etag).toBe(etag)
  const tagged = await second.admin('GET', '/tags/t')
  expect(tagged.body.data.map((row: Json) => row.entity_name)).toEqual(['upstreams', 'targets'])
  expect((await second.admin('DELETE', '/upstreams/pool.test')).status).toBe(204)
  expect((await second.admin('GET', '/tags')).body.data).toEqual([])
})

test('the health of targets, and nobody who would take a word for it', async () => {
  const gateway = await startGateway()
  await gateway.create('/upstreams', { name: 'pool.test' })
  // RFC 6761 section 6.4: no resolver finds a name below `invalid`.
  for (const target of ['127.0.0.1:80', 'localhost:81', 'no.such.host.invalid:82']) {
    await gateway.create('/upstreams/pool.test/targets', { target })
  }
  const { body } = await gateway.admin('GET', '/upstreams/pool.test/health')
  const nodeId = (await gateway.admin('GET', '/')).body.node_id
  expect(body).toMatchObject({ next: null, node_id: nodeId })
  expect(body.data.map((row: Json) => [row.target, row.health])).toEqual([
    ['no.such.host.invalid:82', 'DNS_ERROR'],
    ['localhost:81', 'HEALTHCHECKS_OFF'],
    ['127.0.0.1:80', 'HEALTHCHECKS_OFF'],
  ])
  expect(body.data[2].data).toMatchObject({
    weight: { total: 100, available: 100, unavailable: 0 },
    addresses: [{ ip: '127.0.0.1', port: 80, weight: 100, health: 'HEALTHCHECKS_OFF' }],
  })
  const whole = await gateway.admin('GET', '/upstreams/pool.test/health?balancer_health=1')
  expect(whole.body.data).toMatchObject({ balancer_health: 'HEALTHY', details: { healthy: true } })
  for (const method of ['PUT', 'POST']) {
    for (const place of ['127.0.0.1:80', '127.0.0.1:80/127.0.0.1:80']) {
      const path = `/upstreams/pool.test/targets/${place}/unhealthy`
      expect(await gateway.admin(method, path)).toEqual({
        status: 400,
        body: { message: 'no healthchecker found for pool.test' },
      })
    }
  }
})

test('curl -F: parts and files', async () => {
  const gateway = await startGateway()
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'cert.pem'), ecCert)
  writeFileSync(join(folder, 'key.pem'), ecKey)
  const pair = ['-F', `cert=@${join(folder, 'cert.pem')}`, '-F', `key=<${join(folder, 'key.pem')}`]
  const made = await curl(
    gateway,
    '/certificates',
    ...pair,
    '-F',
    'snis=a.test',
    '-F',
    'snis=b.test',
  )
  expect(made).toMatchObject({
    status: 201,
    body: { cert: ecCert, key: ecKey, snis: ['a.test', 'b.test'] },
  })
  expect(await curl(gateway, '/services', '-F', 'name=s', '-F', 'url=tcp://h:5')).toMatchObject({
    status: 201,
    body: { port: 5 },
  })
  const route = ['protocols=tcp', 'sources[1].ip=10.0.0.0/8', 'sources[2].port=5', 'tags[]=t']
  expect(
    await curl(gateway, '/services/s/routes', ...route.flatMap((part) => ['-F', part])),
  ).toMatchObject({
    status: 201,
    body: { sources: [{ ip: '10.0.0.0/8' }, { port: 5 }], tags: ['t'] },
  })
  expect(await curl(gateway, '/services/s', '-X', 'PATCH', '-F', 'retries=x')).toMatchObject({
    status: 400,
    body: { fields: { retries: 'expected an integer' } },
  })
  const broken = ['-H', 'content-type: multipart/form-data; boundary=x', '-d', '--y']
  expect(await curl(gateway, '/services', ...broken)).toEqual({
    status: 400,
    body: { message: 'Cannot parse form body' },
  })
  expect(await curl(gateway, '/services', '-H', 'content-type:', '-d', 'name=x')).toEqual({
    status: 415,
    body: {},
  })
})

test('of fifty changes of the same state one is made; without a condition all of them are', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '2' } })
  await gateway.create('/services', { name: 's', host: 'h' })
  const { etag } = await conditionally(gateway, 'GET /services/s')
  const match = { 'if-match': etag }
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      conditionally(gateway, 'PATCH /services/s', match, { retries: 100 + index }),
    ),
  )
  const [done, ...more] = answers.filter(({ status }) => status === 200)
  expect(more).toEqual([])
  expect(answers.filter(({ status }) => status === 412)).toHaveLength(49)
  const now = await conditionally(gateway, 'GET /services/s')
  expect([now.body, now.etag]).toEqual([done?.body, done?.etag])

  const fields = {
    retries: 1,
    port: 2,
    host: 'other',
    connect_timeout: 3,
    read_timeout: 4,
    write_timeout: 5,
    tags: ['t'],
    enabled: false,
  }
  const free = await Promise.all(
    Object.entries(fields).map(([name, value]) =>
      conditionally(gateway, 'PATCH /services/s', {}, { [name]: value }),
    ),
  )
  expect(free.map(({ status }) => status)).toEqual(free.map(() => 200))
  expect((await gateway.admin('GET', '/services/s')).body).toMatchObject(fields)

  const stale = await conditionally(gateway, 'DELETE /services/s', match)
  expect(stale.status).toBe(412)
  const last = await conditionally(gateway, 'GET /services/s')
  const known = await conditionally(gateway, 'GET /services/s', { 'if-none-match': last.etag })
  expect([known.status, known.body]).toEqual([304, undefined])
  expect(
    (await conditionally(gateway, 'DELETE /services/s', { 'if-match': last.etag })).status,
  ).toBe(204)
})

test('of fifty creations of the same name one is made', async () => {
  const gateway = await startGateway()
  const only = { 'if-none-match': '*' }
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      conditionally(gateway, 'PUT /upstreams/pool.test', only, { slots: 100 + index }),
    ),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 412)).toHaveLength(49)
})
