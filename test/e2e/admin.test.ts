import { expect, test } from 'vitest'
import {
  authority,
  ecCert,
  ecKey,
  expiredAuthority,
  rsaCert,
  rsaKey,
} from '../../core/src/entities/pem.fixture.ts'
import { ask, submit } from './support/admin.ts'
import type { Answer, Json, RunningGateway } from './support/gateway.ts'
import { startGateway, temporaryFolder } from './support/gateway.ts'

const entities = ['services', 'routes', 'certificates', 'snis', 'ca_certificates', 'plugins']
const tcp = { protocols: ['tcp'], sources: [{ port: 1 }] }

/** Everything that the Admin API lists. */
async function listAll(gateway: RunningGateway): Promise<Record<string, Json>> {
  const lists = entities.map(async (name) => {
    const { body } = await gateway.admin('GET', `/${name}?size=1000`)
    expect(body.next).toBeNull()
    return [name, body.data] as const
  })
  return Object.fromEntries(await Promise.all(lists))
}

function pem(fields: Readonly<Record<string, string>>): URLSearchParams {
  return new URLSearchParams(fields)
}

test('every entity is created, read, changed, replaced and deleted, and survives a restart', async () => {
  const prefix = temporaryFolder()
  const first = await startGateway({ prefix })

  const service = await submit(first, 'POST /services', 'name=db', 'url=tls://db.test:5432')
  expect(service).toMatchObject({ status: 201, body: { protocol: 'tls', port: 5432, path: null } })
  const { id } = service.body
  expect(
    await submit(first, 'POST /services/db/routes', 'name=r', 'protocols=tls', 'snis=a', 'snis=b'),
  ).toMatchObject({ status: 201, body: { snis: ['a', 'b'], service: { id } } })
  expect(
    await submit(first, 'POST /routes', 'protocols=tcp', 'name=s', 'sources[1].ip=10.0.0.0/8'),
  ).toMatchObject({ status: 201, body: { sources: [{ ip: '10.0.0.0/8', port: null }] } })
  expect((await first.admin('GET', `/routes/r/service`)).body).toEqual(service.body)

  const certificate = pem({ cert: ecCert, key: ecKey, snis: '*.db.test' })
  const made = await ask(first, 'POST /certificates', certificate)
  expect(made).toMatchObject({ status: 201, body: { snis: ['*.db.test'], cert_alt: null } })
  expect((await first.admin('GET', '/certificates/%2A.db.test')).body).toEqual(made.body)
  expect(await submit(first, 'POST /certificates/*.db.test/snis', 'name=db.test')).toMatchObject({
    status: 201,
    body: { certificate: { id: made.body.id } },
  })
  const trusted = await ask(first, 'POST /ca_certificates', pem({ cert: authority }))
  expect(trusted.body.cert_digest).toMatch(/^[0-9a-f]{64}$/)
  const secured = { client_certificate: { id: made.body.id }, ca_certificates: [trusted.body.id] }
  expect(await first.admin('PATCH', '/services/db', secured)).toMatchObject({
    status: 200,
    body: { ...secured, host: 'db.test' },
  })

  expect(
    await submit(
      first,
      'POST /services/db/plugins',
      'name=ip-restriction',
      'instance_name=gate',
      'config.allow=10.0.0.0/8',
    ),
  ).toMatchObject({
    status: 201,
    body: {
      service: { id },
      protocols: ['tcp', 'tls', 'tls_passthrough'],
      config: { allow: ['10.0.0.0/8'], deny: null },
    },
  })
  const denied = await submit(first, 'PATCH /services/db/plugins/gate', 'config.deny=10.1.1.1')
  expect(denied.body.config).toMatchObject({ allow: ['10.0.0.0/8'], deny: ['10.1.1.1'] })

  const put = await first.admin('PUT', '/routes/s', { ...tcp, tags: ['x'] })
  expect(put).toMatchObject({ status: 200, body: { name: 's', sources: [{ ip: null, port: 1 }] } })
  expect((await first.admin('DELETE', '/routes/s')).status).toBe(204)
  expect((await first.admin('DELETE', '/routes/s')).status).toBe(204)
  expect(await first.admin('GET', '/routes/s')).toMatchObject({ status: 404 })

  const before = await listAll(first)
  expect(entities.map((name) => before[name].length)).toEqual([1, 1, 1, 2, 1, 1])
  first.signal('SIGTERM')
  expect(await first.exited).toBe(0)

  const second = await startGateway({ prefix })
  expect(await listAll(second)).toEqual(before)
  for (const path of ['/routes/r', '/services/db', '/certificates/db.test']) {
    expect((await second.admin('DELETE', path)).status).toBe(204)
  }
  expect((await second.admin('DELETE', `/ca_certificates/${trusted.body.id}`)).status).toBe(204)
  const after = await listAll(second)
  expect(entities.flatMap((name) => after[name])).toEqual([])
})

test('a list is read page by page, and by tags', async () => {
  const gateway = await startGateway()
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await gateway.create('/services', { name, host: 'h', tags: ['all', name] })
  }
  const names: string[] = []
  let next: string | null = '/services?size=2&tags=all'
  for (let page = 0; next !== null; page++) {
    expect(page).toBeLessThan(3)
    const { body }: Answer = await gateway.admin('GET', next)
    expect(body.data.length).toBe(page === 2 ? 1 : 2)
    names.push(...body.data.map(({ name }: Json) => name))
    next = body.next
  }
  expect(names.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect((await gateway.admin('GET', '/services?tags=all,b')).body.data).toHaveLength(1)
  expect((await gateway.admin('GET', '/services?tags=b/c')).body.data).toHaveLength(2)
})

test('concurrent writes lose nothing, and of equal names one wins', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '2' } })
  await gateway.create('/services', { name: 's', host: 'h' })
  const changes = { retries: 1, port: 2, tags: ['t'], read_timeout: 3, write_timeout: 4 }
  await Promise.all(
    Object.entries(changes).map(([name, value]) =>
      gateway.admin('PATCH', '/services/s', { [name]: value }),
    ),
  )
  expect((await gateway.admin('GET', '/services/s')).body).toMatchObject(changes)
  const rivals = await Promise.all(
    Array.from({ length: 8 }, () => gateway.admin('POST', '/services', { name: 'x', host: 'h' })),
  )
  const statuses = rivals.map(({ status }) => status).toSorted((one, other) => one - other)
  expect(statuses).toEqual([201, ...Array<number>(7).fill(409)])
})

test('what cannot be is refused in the words of the contract, and nothing is half-written', async () => {
  const gateway = await startGateway()
  const { id } = await gateway.create('/services', { name: 's', host: 'h', protocol: 'tls' })
  await gateway.create('/services/s/routes', { ...tcp, name: 'r' })
  const own = await gateway.create('/certificates', { cert: ecCert, key: ecKey, snis: ['a'] })
  const ca = await gateway.create('/ca_certificates', { cert: authority })
  await gateway.admin('PATCH', '/services/s', { ca_certificates: [ca.id] })
  const before = await listAll(gateway)
  const refused = async (line: string, body: Json, status: number, answer: Json) => {
    const [method = '', path = ''] = line.split(' ')
    expect(await gateway.admin(method, path, body), line).toMatchObject({ status, body: answer })
  }
  const violation = (fields: Json) => ({ code: 2, name: 'schema violation', fields })

  await refused('POST /services', { port: '80' }, 400, {
    ...violation({ host: 'required field missing', port: 'expected an integer' }),
    message: '2 schema violations (host: required field missing; port: expected an integer)',
  })
  await refused('POST /services', { name: 's', host: 'h' }, 409, {
    code: 5,
    name: 'unique constraint violation',
    message: `UNIQUE violation detected on '{name="s"}'`,
    fields: { name: 's' },
  })
  await refused('DELETE /services/s', undefined, 400, {
    code: 4,
    message: "an existing 'routes' entity references this 'services' entity",
    fields: { '@referenced_by': 'routes' },
  })
  await refused(`DELETE /ca_certificates/${ca.id}`, undefined, 400, {
    code: 19,
    message: `ca certificate ${ca.id} is still referenced by services (id = ${id})`,
  })
  await refused('POST /routes', { ...tcp, service: { name: 'x' } }, 400, {
    code: 13,
    name: 'foreign keys unresolved',
  })
  await refused('POST /routes', { protocols: ['tcp', 'tls_passthrough'], snis: ['a'] }, 400, {
    ...violation({
      protocols: "these sets are mutually exclusive: ('tcp', 'tls', 'udp'), ('tls_passthrough')",
    }),
  })
  await refused('POST /certificates', { cert: rsaCert, key: ecKey }, 400, {
    ...violation({ '@entity': ['certificate does not match key'] }),
  })
  await refused('POST /certificates', { cert: rsaCert, key: rsaKey, snis: ['b', 'a'] }, 400, {
    ...violation({ snis: `a already associated with existing certificate '${own.id}'` }),
  })
  await refused('POST /ca_certificates', { cert: expiredAuthority }, 400, {
    ...violation({ '@entity': ['certificate expired, "Not After" time is in the past'] }),
  })
  await refused('POST /plugins', { name: 'ip-restriction', config: { allow: ['x'], y: 1 } }, 400, {
    ...violation({
      config: { allow: { 1: "invalid ip or cidr range: 'x'" }, y: 'unknown field' },
    }),
  })
  await refused('POST /plugins', { name: 'file-log', config: { path: '/nowhere/x' } }, 400, {
    ...violation({ '@entity': [expect.stringContaining('file-log')] }),
  })
  await refused('GET /certificates/nobody', undefined, 404, { message: 'SNI not found' })
  await refused('GET /services?size=0', undefined, 400, {
    code: 9,
    message: 'size must be an integer between 1 and 1000',
  })
  expect(await listAll(gateway)).toEqual(before)
})

test('a careless or hostile body is refused at once, and the next request is served', async () => {
  const gateway = await startGateway()
  const [json, form] = ['application/json', 'application/x-www-form-urlencoded']
  const refused: readonly (readonly [body: string, type: string, status: number, told: object])[] =
    [
      ['{"host":', json, 400, { message: 'Cannot parse JSON body' }],
      ['<a/>', 'text/xml', 415, {}],
      ['{"__proto__":{"host":"h"}}', json, 400, { message: "the key '__proto__' is not allowed" }],
      [
        'a[constructor][prototype]=1',
        form,
        400,
        { message: "the key 'constructor' is not allowed" },
      ],
      [`{"x":${'['.repeat(1e6)}${']'.repeat(1e6)}}`, json, 400, { message: /nested more than 32/ }],
      [`a${'.a'.repeat(4e6)}=1`, form, 400, { message: /nested more than 32/ }],
      [`host=h&port=${'1'.repeat(9e6)}x`, form, 400, { code: 2 }],
      [`{"name":"${'x'.repeat(11e6)}"}`, json, 413, { message: 'Payload too large' }],
      ['a=1&'.repeat(2000), form, 400, { message: 'Too many arguments' }],
      ['name=%ff&host=h', form, 400, { message: 'Cannot parse form body' }],
    ]
  for (const [body, type, status, told] of refused) {
    const answer = await ask(gateway, 'POST /services', body, type)
    expect(answer.status, body.slice(0, 30)).toBe(status)
    for (const [name, value] of Object.entries(told)) {
      if (value instanceof RegExp) expect(answer.body[name]).toMatch(value)
      else expect(answer.body[name]).toBe(value)
    }
  }
  expect((await gateway.admin('GET', '/services')).body).toEqual({ data: [], next: null })
})
