import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { request as requestPlain } from 'node:http'
import { request, type RequestOptions } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import {
  failToStart,
  type RunningGateway,
  startGateway,
  temporaryFolder,
} from './support/gateway.ts'

const names = ['localhost', '127.0.0.1']
const make = (commonName: string, ca = false) =>
  createSelfSigned({ key: 'ec', commonName, names, days: 1, ca })

const [server, newer, authority, other] = await Promise.all([
  make('localhost'),
  make('localhost'),
  make('authority', true),
  make('other', true),
])
const issue = (issuer: typeof authority) =>
  createSelfSigned({ key: 'ec', commonName: 'operator', days: 1, issuer })
const [operator, stranger] = await Promise.all([issue(authority), issue(other)])

const token = 'a token of enough letters'.replaceAll(' ', '-')
const base64 = (text: string): string => Buffer.from(text).toString('base64')

interface Told {
  readonly status: number | string
  readonly headers: Record<string, unknown>
  readonly body: string
}

/** One request over a connection of its own; the code of the error where there is no answer. */
function tell(
  port: number,
  line: string,
  options: RequestOptions & { readonly plain?: true; readonly text?: string } = {},
): Promise<Told> {
  const [method = '', path = ''] = line.split(' ')
  const { plain, text, ...rest } = options
  const to = { host: '127.0.0.1', port, method, path, agent: false, ...rest } as const
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void =>
      resolve({ status: error.code ?? error.message, headers: {}, body: '' })
    const sent = (plain ? requestPlain : request)(to, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      )
    })
    sent.on('error', failed).end(text)
  })
}

/** The port of the API over TLS, as the start screen tells it. */
function tlsPort(gateway: RunningGateway, api: 'admin' | 'status' = 'admin'): number {
  const found = new RegExp(`${api} .*https://127\\.0\\.0\\.1:(\\d+)`).exec(gateway.output())
  return Number(found?.[1] ?? 0)
}

/** The certificate that is served there. */
function certificateOf(port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.toString())
      socket.destroy()
    }).on('error', reject)
  })
}

const trusting = { ca: server.cert, checkServerIdentity: () => undefined }

test('the Admin API is served over TLS beside plain HTTP, with all its checks', async () => {
  const gateway = await startGateway({
    settings: {
      admin_listen: '127.0.0.1:0, 127.0.0.1:0 http2 ssl reuseport backlog=16384',
      admin_ssl_cert: base64(server.cert),
      admin_ssl_cert_key: base64(server.key),
    },
  })
  const port = tlsPort(gateway)
  expect(gateway.output()).toContain('http2 is ignored')
  expect(await gateway.admin('GET', '/status')).toMatchObject({ status: 200 })
  expect(await tell(port, 'GET /status', { ca: server.cert })).toMatchObject({ status: 200 })
  expect((await tell(port, 'GET /status')).status).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')

  const json = { 'content-type': 'application/json' }
  const post = (text: string, headers: Record<string, string> = {}) =>
    tell(port, 'POST /services', { ...trusting, text, headers: { ...json, ...headers } })
  expect((await post('{"host":"h"}')).status).toBe(201)
  expect((await post('{"__proto__":{"a":1}}')).status).toBe(400)
  expect((await post(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`)).status).toBe(400)
  const long = JSON.stringify({ name: 'n'.repeat(11 << 20) })
  expect((await post(long)).status).toBe(413)
  expect((await post(long, { 'transfer-encoding': 'chunked' })).status).toBe(413)
  expect((await post(long, { connection: 'keep-alive' })).status).toBe(413)
  expect((await post(long, { origin: 'https://evil.test' })).status).toBe(403)
  expect((await post('{"host":"h"}', { host: 'evil.test' })).status).toBe(403)
  expect((await post('{"host":"h"}', { origin: 'https://evil.test' })).status).toBe(403)
  const own = `https://localhost:${port}`
  expect((await post('{"host":"h"}', { origin: own })).headers).toMatchObject({
    'access-control-allow-origin': own,
  })
  gateway.signal('SIGTERM')
  expect(await gateway.exited).toBe(0)
})

test('without certificates of its own the Admin API has the generated ones, and is off with the gateway', async () => {
  const gateway = await startGateway({
    settings: { admin_listen: '127.0.0.1:0 ssl', tls_handshake_timeout: '10m' },
  })
  const port = tlsPort(gateway)
  expect(
    await tell(port, 'GET /status', { rejectUnauthorized: false, servername: 'localhost' }),
  ).toMatchObject({ status: 200 })
  // A client that never finishes its handshake does not keep the gateway from ending.
  const silent = connectPlain(port, '127.0.0.1').on('error', () => undefined)
  onTestFinished(() => void silent.destroy())
  await once(silent, 'connect')
  gateway.signal('SIGTERM')
  expect(await gateway.exited).toBe(0)
})

test('with authorities for clients nobody comes in without a certificate of theirs', async () => {
  const gateway = await startGateway({
    settings: {
      admin_listen: '127.0.0.1:0 ssl',
      admin_ssl_cert: base64(server.cert),
      admin_ssl_cert_key: base64(server.key),
      nginx_admin_ssl_client_certificate: base64(authority.cert),
    },
  })
  const port = tlsPort(gateway)
  expect((await tell(port, 'GET /services', { ...trusting, ...operator })).status).toBe(200)
  const refused = [{}, stranger, await make('operator'), { maxVersion: 'TLSv1.2' as const }]
  for (const options of refused) {
    const { status, body } = await tell(port, 'GET /services', { ...trusting, ...options })
    expect([typeof status, body]).toEqual(['string', ''])
  }
  expect((await tell(port, 'GET /services', { ...trusting, ...operator })).status).toBe(200)
})

test('a reload changes the certificates and the token of the Admin API', async () => {
  const folder = temporaryFolder()
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const conf = {
    admin_listen: '127.0.0.1:0 ssl',
    admin_ssl_cert: file('server.crt', server.cert),
    admin_ssl_cert_key: file('server.key', server.key),
    admin_ssl_client_certificate: file('ca.crt', authority.cert),
    admin_token: `file:${file('token', `${token}\n`)}`,
  }
  const gateway = await startGateway({ conf })
  const port = tlsPort(gateway)
  const ask = (identity: object, secret: string) =>
    tell(port, 'GET /services', {
      rejectUnauthorized: false,
      ...identity,
      headers: { 'kong-admin-token': secret },
    })
  expect((await ask(operator, token)).status).toBe(200)
  const before = await certificateOf(port)

  file('server.crt', newer.cert)
  file('server.key', newer.key)
  file('ca.crt', other.cert)
  file('token', `${token}-2`)
  expect((await gateway.reload())['msg']).toBe('reloaded')
  expect(await certificateOf(port)).not.toBe(before)
  expect(typeof (await ask(operator, `${token}-2`)).status).toBe('string')
  expect((await ask(stranger, `${token}-2`)).status).toBe(200)
  expect((await ask(stranger, token)).status).toBe(401)

  file('server.key', server.key)
  expect((await gateway.reload())['msg']).toMatch(/^not reloaded/)
  expect((await ask(stranger, `${token}-2`)).status).toBe(200)

  file('server.key', newer.key)
  gateway.configure({ ...conf, admin_ssl_client_certificate: '' })
  await gateway.reload()
  expect(gateway.output()).toContain(
    'admin_ssl_client_certificate was changed; that takes effect at the next restart',
  )
  expect(typeof (await ask({}, `${token}-2`)).status).toBe('string')
})

test('the token is asked for, and shown nowhere', async () => {
  const gateway = await startGateway({
    settings: {
      admin_token: token,
      admin_access_log: 'stdout',
      status_listen: '127.0.0.1:0',
      log_level: 'debug',
    },
  })
  const port = gateway.adminPort
  expect(gateway.output()).toContain('curl -H "Kong-Admin-Token: $KONG_ADMIN_TOKEN"')
  const ask = (headers: Record<string, string | string[]>, line = 'GET /') =>
    tell(port, line, { plain: true, headers })
  const stranger401 = {
    status: 401,
    headers: expect.objectContaining({ 'www-authenticate': 'Bearer' }),
    body: '{"message":"Unauthorized"}',
  }
  expect(await ask({})).toMatchObject(stranger401)
  expect(await ask({ 'kong-admin-token': `${token}x` })).toMatchObject(stranger401)
  expect(await ask({ 'kong-admin-token': [token, token] })).toMatchObject(stranger401)
  const known = await ask({ authorization: `Bearer ${token}` })
  expect(known.status).toBe(200)
  expect(JSON.parse(known.body).configuration.admin_token).toBe('******')
  expect(await ask({ 'kong-admin-token': token }, 'GET /services')).toMatchObject({ status: 200 })
  expect(gateway.output() + known.body).not.toContain(token)
})

test.each([
  { admin_listen: '0.0.0.0:0' },
  { admin_listen: '0.0.0.0:0 ssl' },
  { admin_listen: '[::]:0' },
  { admin_listen: '127.0.0.1:0, 0.0.0.0:0', admin_token: '' },
  {
    admin_listen: '0.0.0.0:0 ssl, 0.0.0.0:0',
    admin_ssl_client_certificate: base64(authority.cert),
  },
])('%j does not start', async (settings) => {
  const { code, output } = await failToStart({ settings })
  expect(code).not.toBe(0)
  expect(output).toContain('admin_listen: ')
  for (const way of ['admin_ssl_client_certificate', 'admin_token', 'admin_insecure']) {
    expect(output).toContain(way)
  }
})

test('a bad token or key is refused without being shown', async () => {
  const short = await failToStart({ settings: { admin_token: 'fifteen-letters' } })
  expect(short.output).toContain('admin_token is too short (at least 16 letters')
  const spaced = await failToStart({ settings: { admin_token: 'sixteen letters and more' } })
  expect(spaced.output).toContain('admin_token has letters that no header can carry')
  const wrong = await failToStart({
    settings: { admin_ssl_cert: base64(server.cert), admin_ssl_cert_key: base64(newer.key) },
  })
  expect(wrong.output).toContain('admin_ssl_cert_key: key 1 does not belong to certificate 1')
  expect(short.code).not.toBe(0)
  expect(short.output + spaced.output).not.toMatch(/fifteen-letters|sixteen letters/)
})

test('a node drains and comes back, over the Status API and the Admin API', async () => {
  const gateway = await startGateway({
    settings: {
      status_listen: '127.0.0.1:0 ssl',
      status_ssl_cert: base64(server.cert),
      status_ssl_cert_key: base64(server.key),
    },
  })
  const port = tlsPort(gateway, 'status')
  const ready = () => tell(port, 'GET /status/ready', trusting)
  const set = (status: string) =>
    tell(port, 'POST /status/ready', {
      ...trusting,
      text: JSON.stringify({ status }),
      headers: { 'content-type': 'application/json' },
    })
  expect(await ready()).toMatchObject({ status: 200, body: '{"message":"ready"}' })
  expect((await set('draining')).status).toBe(204)
  expect(await ready()).toMatchObject({ status: 503, body: '{"message":"draining"}' })
  expect((await gateway.admin('GET', '/status/ready')).status).toBe(503)
  expect((await tell(port, 'GET /status', trusting)).status).toBe(200)
  expect(await gateway.create('/services', { host: 'h' })).toBeTruthy()
  expect((await gateway.reload())['msg']).toBe('reloaded')
  expect((await ready()).status).toBe(503)
  expect((await gateway.admin('POST', '/status/ready', { status: 'ready' })).status).toBe(204)
  expect((await ready()).status).toBe(200)
  expect((await set('drained')).status).toBe(400)
})
