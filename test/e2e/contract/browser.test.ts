import { expect, test } from 'vitest'
import type { RunningGateway } from '../support/gateway.ts'
import { startGateway } from '../support/gateway.ts'

const origin = 'http://localhost:8002'

/** What the page of a manager sends, from an origin of its own on this machine. */
function browse(
  gateway: RunningGateway,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: object,
): Promise<Response> {
  return fetch(`http://127.0.0.1:${gateway.adminPort}${path}`, {
    method,
    headers: { origin, ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  })
}

const paths = [
  '/',
  '/services',
  '/services/s',
  '/services/s/routes',
  '/services/s/routes/r',
  '/nowhere',
]

const list = 'GET, HEAD, OPTIONS, POST'
const item = 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT'

/** Paths, whether or not there is such an entity, with what can be done there. */
const allowed = [
  ['/', 'GET, HEAD, OPTIONS'],
  ['/services', list],
  ['/services/x', item],
  ['/services/x/routes', list],
  ['/services/x/routes/y', item],
  ['/routes/x/plugins/y', item],
] as const

test('a manager in a browser can read every answer, errors too', async () => {
  const gateway = await startGateway()
  await gateway.create('/services', { name: 's', host: 'h' })
  for (const path of paths) {
    const { headers } = await browse(gateway, 'GET', path)
    expect.soft([path, headers.get('access-control-allow-origin')]).toEqual([path, origin])
    expect.soft(headers.get('access-control-allow-credentials')).toBe('true')
  }
})

test('a preflight is told the methods of its path, at every depth', async () => {
  const gateway = await startGateway()
  const asked = {
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'x-a,x-b',
  }
  for (const [path, allow] of allowed) {
    const { status, headers } = await browse(gateway, 'OPTIONS', path, asked)
    expect.soft([path, status, headers.get('allow')]).toEqual([path, 204, allow])
    expect.soft(headers.get('access-control-allow-methods')).toBe(allow)
    expect.soft(headers.get('access-control-allow-headers')).toBe('x-a,x-b')
    expect.soft(headers.get('access-control-allow-origin')).toBe(origin)
  }
})

test('HEAD has the headers of GET', async () => {
  const gateway = await startGateway()
  const told = async (method: string): Promise<object> => {
    const { headers } = await browse(gateway, method, '/')
    return Object.fromEntries(
      [...headers].filter(([name]) => !/^(date|x-kong-admin-latency)$/.test(name)),
    )
  }
  expect(await told('HEAD')).toEqual(await told('GET'))
})

test('the forms of a manager are taken as they are sent, nulls and all', async () => {
  const gateway = await startGateway()
  const timeouts = { connect_timeout: 60_000, write_timeout: 60_000, read_timeout: 60_000 }
  const tls = {
    client_certificate: null,
    ca_certificates: null,
    tls_verify: null,
    tls_verify_depth: null,
  }
  const form = {
    name: 's',
    tags: ['a'],
    protocol: 'tcp',
    host: 'h',
    path: null,
    port: 1,
    retries: 5,
    enabled: true,
    ...timeouts,
    ...tls,
  }
  const service = await browse(gateway, 'POST', '/services', {}, form)
  expect(service.status).toBe(201)
  const again = await browse(gateway, 'POST', '/services', {}, form)
  expect(await again.json()).toMatchObject({ message: `UNIQUE violation detected on '{name="s"}'` })
  expect(
    (await browse(gateway, 'PATCH', '/services/s', {}, { ...form, enabled: false })).status,
  ).toBe(200)

  const http = {
    methods: null,
    hosts: null,
    paths: null,
    headers: null,
    strip_path: true,
    regex_priority: 0,
    path_handling: 'v0',
  }
  const buffers = {
    preserve_host: false,
    request_buffering: true,
    response_buffering: true,
    https_redirect_status_code: 426,
  }
  const { id } = (await service.json()) as { id: string }
  const route = {
    name: 'r',
    service: { id },
    protocols: ['tcp', 'tls', 'udp'],
    sources: [{ ip: '10.0.0.1', port: 1 }],
    destinations: null,
    snis: null,
    tags: [],
    ...http,
    ...buffers,
  }
  const made = await browse(gateway, 'POST', '/routes', {}, route)
  expect(made.status).toBe(201)

  const { id: routeId } = (await made.json()) as { id: string }
  const plugin = {
    name: 'ip-restriction',
    instance_name: null,
    tags: null,
    enabled: true,
    protocols: ['tcp'],
    service: null,
    route: { id: routeId },
    consumer: null,
    config: { allow: ['127.0.0.1'], deny: null },
  }
  const added = await browse(gateway, 'POST', '/plugins', {}, plugin)
  expect(added.status).toBe(201)
  const whole = (await added.json()) as { id: string }
  expect(
    (await browse(gateway, 'PUT', `/plugins/${whole.id}`, {}, { ...whole, enabled: false })).status,
  ).toBe(200)
  const plugins = await browse(gateway, 'GET', `/routes/${routeId}/plugins?size=30`)
  expect(await plugins.json()).toMatchObject({
    data: [{ id: whole.id, enabled: false }],
    next: null,
  })
})
