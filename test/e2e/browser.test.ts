import { createHash, X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { chromium, startBrowser, type Browser } from './support/browser.ts'
import { startGateway, type RunningGateway } from './support/gateway.ts'
import { serveSite, type PageAnswer, type PageRequest } from './support/site.ts'

const { cert, key } = await createSelfSigned({
  key: 'ec',
  commonName: 'localhost',
  names: ['localhost'],
  days: 1,
})
const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })
const trustedKey = createHash('sha256').update(spki).digest('base64')

const json = { 'Content-Type': 'application/json' }
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const service = JSON.stringify({ name: 's', host: 'h', tags: ['a'] })

const unreadable = { message: 'Cannot parse JSON body' }

/** What a manager does, with the answer that its page has to be able to read. */
const managing: readonly (readonly [PageRequest, status: number, body?: object | string])[] = [
  [{ line: 'GET /' }, 200, { edition: 'community' }],
  [{ line: 'GET /services?size=1000' }, 200, { data: [], next: null }],
  [{ line: 'POST /services', headers: json, body: service }, 201, { name: 's' }],
  [{ line: 'POST /services', headers: json, body: service }, 409, { code: 5 }],
  [{ line: 'GET /services/s' }, 200, { retries: 5 }],
  [{ line: 'PATCH /services/s', headers: json, body: '{"retries":1}', ifMatch: true }, 200],
  [{ line: 'PATCH /services/s', headers: { ...json, 'If-Match': '"old"' }, body: '{}' }, 412],
  [{ line: 'PUT /services/t', headers: json, body: '{"host":"t"}' }, 200, { name: 't' }],
  [{ line: 'POST /services/s/routes', headers: form, body: 'protocols=tcp&sources[].port=1' }, 201],
  [{ line: 'GET /services/s/routes?size=1' }, 200, { data: [{ sources: [{ port: 1 }] }] }],
  [{ line: 'POST /services', headers: json, body: '{' }, 400, unreadable],
  [{ line: 'POST /services', headers: json, body: '{"host":1}' }, 400, { code: 2 }],
  [{ line: 'GET /services/nobody' }, 404, { message: 'Not found' }],
  [{ line: 'POST /nowhere', headers: form, body: '' }, 404, { message: 'Not found' }],
  [{ line: 'POST /status', headers: form, body: '' }, 405, { message: 'Method not allowed' }],
  [{ line: 'POST /services', body: 'text' }, 415],
  [{ line: 'POST /services', headers: json, letters: 11 << 20 }, 413],
  [{ line: 'HEAD /services/s' }, 200, ''],
  [{ line: 'OPTIONS /services/s' }, 204, ''],
  [{ line: 'DELETE /services/t' }, 204, ''],
]

/** What a page of somebody else tries, in every way that a browser offers. */
const attacks: readonly PageRequest[] = [
  { line: 'GET /' },
  { line: 'GET /services' },
  { line: 'GET /nowhere' },
  { line: 'GET /services', mode: 'no-cors' },
  { line: 'POST /services', body: 'name=evil&host=h', headers: form },
  { line: 'POST /services', body: 'name=evil&host=h', headers: form, mode: 'no-cors' },
  { line: 'POST /services', body: '{"name":"evil","host":"h"}', mode: 'no-cors' },
  { line: 'POST /services', body: '{"name":"evil","host":"h"}', headers: json },
  { line: 'PUT /services/evil', body: '{"host":"h"}', headers: json },
  { line: 'PATCH /services/s', body: '{"host":"evil"}', headers: json },
  { line: 'DELETE /services/s' },
  { line: 'FORM /services', body: 'name=evil&host=h' },
]

const api = (gateway: RunningGateway, name = '127.0.0.1'): string =>
  `http://${name}:${gateway.adminPort}`

const askedBy = (cases: typeof managing): readonly PageRequest[] => cases.map(([asked]) => asked)

const managed = managing.map(([{ line }, status, body]) => ({
  line,
  status,
  ...(body !== undefined && { body }),
}))

/** Nothing was read, and all that there is is as it was made. */
async function expectUntouched(read: readonly PageAnswer[], gateway: RunningGateway) {
  const seen = read.map(({ line, status = 0, body = '' }) => [line, status, body])
  expect(seen).toEqual(attacks.map(({ line }) => [line, 0, '']))
  const { data } = (await gateway.admin('GET', '/services')).body
  expect(data).toMatchObject([{ name: 's', host: 'h' }])
}

describe('a real browser', () => {
  const running = {} as { browser: Browser }
  beforeAll(() => {
    if (chromium !== undefined) running.browser = startBrowser(trustedKey)
  })
  beforeEach(({ skip }) => skip(chromium === undefined, 'no chromium is in the PATH'))
  afterAll(() => running.browser?.end())

  test('a page of this machine manages, and reads every answer', async () => {
    const [site, gateway] = await Promise.all([serveSite(), startGateway()])
    const visit = { host: 'localhost', api: api(gateway), requests: askedBy(managing) }
    expect(await site.visit(running.browser, visit)).toMatchObject(managed)
  })

  test('so does one of a configured origin; a page of another can neither read nor write', async () => {
    const site = await serveSite()
    const ours = `http://manager.example:${site.port}`
    const gateway = await startGateway({ settings: { admin_gui_url: ours } })
    const visit = { host: 'manager.example', api: api(gateway, 'localhost') }
    const read = await site.visit(running.browser, { ...visit, requests: askedBy(managing) })
    expect(read).toMatchObject(managed)
    const foreign = { host: 'evil.example', api: api(gateway), requests: attacks }
    await expectUntouched(await site.visit(running.browser, foreign), gateway)
  })

  test('a page whose own name is pointed at the gateway is refused by that name', async () => {
    const [site, gateway] = await Promise.all([serveSite(), startGateway()])
    await gateway.create('/services', { name: 's', host: 'h' })
    site.rebind(gateway.adminPort)
    const requests = attacks.filter(({ line, mode }) => mode === undefined && line !== 'GET /')
    const read = await site.visit(running.browser, { host: 'rebound.example', requests })
    const refused = { message: 'the Host header names another server' }
    for (const [index, { line }] of requests.entries()) {
      const told = line.startsWith('FORM') ? JSON.stringify(refused) : refused
      expect.soft(read[index]).toMatchObject({ line, body: told })
    }
    expect((await gateway.admin('GET', '/services')).body.data).toMatchObject([{ host: 'h' }])
    // By a name that nobody can take over the same way leads in.
    const [known] = await site.visit(running.browser, {
      host: 'localhost',
      requests: [{ line: 'GET /services/s' }],
    })
    expect(known).toMatchObject({ status: 200, body: { name: 's' } })
  })

  test('a token is asked for after the preflight, and a page can read that it is', async () => {
    const token = 'letters-of-a-token'
    const [site, gateway] = await Promise.all([
      serveSite(),
      startGateway({ settings: { admin_token: token } }),
    ])
    const brought = { 'Kong-Admin-Token': token }
    const read = await site.visit(running.browser, {
      host: '127.0.0.1',
      api: api(gateway, 'localhost'),
      requests: [
        { line: 'GET /services' },
        { line: 'POST /services', headers: { ...json, ...brought }, body: service },
        { line: 'DELETE /services/s', headers: { 'Kong-Admin-Token': `${token}s` } },
        { line: 'GET /services/s', headers: { Authorization: `Bearer ${token}` } },
      ],
    })
    expect(read).toMatchObject([
      { status: 401, body: { message: 'Unauthorized' } },
      { status: 201, body: { name: 's' } },
      { status: 401 },
      { status: 200 },
    ])
  })

  test('over TLS a page manages as it does without', async () => {
    const settings = {
      admin_listen: '127.0.0.1:0 ssl',
      admin_ssl_cert: Buffer.from(cert).toString('base64'),
      admin_ssl_cert_key: Buffer.from(key).toString('base64'),
    }
    const [site, gateway] = await Promise.all([serveSite(), startGateway({ settings })])
    const port = /admin .*https:\/\/127\.0\.0\.1:(\d+)/.exec(gateway.output())?.[1]
    const read = await site.visit(running.browser, {
      host: 'localhost',
      api: `https://localhost:${port}`,
      requests: askedBy(managing),
    })
    expect(read).toMatchObject(managed)
  })
})
