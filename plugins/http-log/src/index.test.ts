import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mount } from '@kong-ts/pdk/testing'
import { expect, onTestFinished, test } from 'vitest'
import httpLog from './index.ts'

/** A server that answers with these statuses, then with 200, and keeps what it takes. */
async function receive(statuses: number[] = [], server: Server = createServer(), port = 0) {
  const bodies: unknown[] = []
  let attempts = 0
  server.on('request', (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      attempts++
      const status = statuses.shift() ?? 200
      if (status === 200) bodies.push(JSON.parse(body))
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port: own } = server.address() as AddressInfo
  return {
    http_endpoint: `http://127.0.0.1:${own}/logs`,
    port: own,
    bodies,
    attempts: () => attempts,
  }
}

test('by default a connection is a request with one object', async () => {
  const { http_endpoint, bodies } = await receive()
  const plugin = await mount(httpLog, { http_endpoint })
  await plugin.connect({ from: '10.0.0.9', bytes: 'hello' })
  await plugin.connect({ from: '10.0.0.8' })
  await plugin.unmount()
  expect(bodies).toMatchObject([
    { client_ip: '10.0.0.9', session: { received: 5 }, ending: 'client.closed' },
    { client_ip: '10.0.0.8' },
  ])
  expect(plugin.lines).toEqual([])
})

test('batches are lists, also of one', async () => {
  const { http_endpoint, bodies } = await receive()
  const queue = { max_batch_size: 2, max_coalescing_delay: 3600 }
  const plugin = await mount(httpLog, { http_endpoint, queue })
  for (const from of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) await plugin.connect({ from })
  await plugin.unmount()
  expect(bodies).toMatchObject([
    [{ client_ip: '10.0.0.1' }, { client_ip: '10.0.0.2' }],
    [{ client_ip: '10.0.0.3' }],
  ])
})

test('what is refused is sent again until it is taken', async () => {
  const { http_endpoint, bodies, attempts } = await receive([500, 503, 302])
  const plugin = await mount(httpLog, { http_endpoint })
  await plugin.connect({ from: '10.0.0.9' })
  await expect.poll(() => bodies).toMatchObject([{ client_ip: '10.0.0.9' }])
  await plugin.unmount()
  expect(attempts()).toBe(4)
  expect(plugin.lines).toMatchObject([
    { level: 'error', message: 'cannot deliver; trying again for 60 s' },
    { level: 'warn', message: 'delivering again' },
  ])
})

test('with max_retry_time=-1 it is lost and counted, and nothing secret is told', async () => {
  const { port, bodies } = await receive([500, 500])
  const plugin = await mount(httpLog, {
    http_endpoint: `http://user:hidden-word@127.0.0.1:${port}/hidden-path?key=hidden-key`,
    headers: { 'X-Key': 'hidden-header' },
    queue: { max_retry_time: -1 },
  })
  for (const from of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) await plugin.connect({ from })
  await expect.poll(() => bodies).toMatchObject([{ client_ip: '10.0.0.3' }])
  await plugin.unmount()
  expect(plugin.lines.at(-1)).toMatchObject({
    level: 'error',
    fields: { dropped: 2 },
    message: '2 entries were dropped: not delivered in time',
  })
  expect(JSON.stringify(plugin.lines)).not.toContain('hidden')
})

test('a full queue drops the oldest and says how many', async () => {
  const { http_endpoint, bodies } = await receive([503])
  const queue = { max_entries: 2, initial_retry_delay: 3600 }
  const plugin = await mount(httpLog, { http_endpoint, queue })
  await plugin.connect({ from: '10.0.0.1' })
  await expect.poll(() => plugin.lines).toHaveLength(1)
  for (const host of [2, 3, 4, 5, 6]) await plugin.connect({ from: `10.0.0.${host}` })
  await plugin.unmount()
  expect(bodies).toMatchObject([
    { client_ip: '10.0.0.1' },
    { client_ip: '10.0.0.5' },
    { client_ip: '10.0.0.6' },
  ])
  expect(plugin.lines).toContainEqual(
    expect.objectContaining({ level: 'error', fields: { dropped: 3 } }),
  )
})

test('the certificate of an https endpoint is verified: by Node’s list, or by tls_ca', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'http-log-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  execFileSync(
    'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=logs -addext subjectAltName=IP:127.0.0.1 -days 2 -keyout ${key} -out ${cert}`.split(
      ' ',
    ),
    { stdio: 'ignore' },
  )
  const pem = readFileSync(cert, 'utf8')
  const tls = createTlsServer({ key: readFileSync(key), cert: pem })
  rmSync(folder, { recursive: true })
  const { port, bodies } = await receive([], tls)
  const http_endpoint = `https://127.0.0.1:${port}/`

  const strict = await mount(httpLog, { http_endpoint, queue: { max_retry_time: -1 } })
  await strict.connect()
  await strict.unmount()
  expect(strict.lines[0]?.fields['error']).toMatch(/self-signed certificate/)
  expect(bodies).toEqual([])

  for (const more of [{ tls_ca: pem }, { tls_verify: false }]) {
    const plugin = await mount(httpLog, { http_endpoint, ...more })
    await plugin.connect()
    await plugin.unmount()
    expect(plugin.lines).toEqual([])
  }
  expect(bodies).toHaveLength(2)
})

test('the defaults are Kong’s', async () => {
  const plugin = await mount(httpLog, { http_endpoint: 'http://127.0.0.1:1' })
  expect(plugin.config).toEqual({
    http_endpoint: 'http://127.0.0.1:1',
    method: 'POST',
    content_type: 'application/json',
    timeout: 10_000,
    keepalive: 60_000,
    tls_verify: true,
    queue: {
      max_batch_size: 1,
      max_coalescing_delay: 1,
      max_entries: 10_000,
      max_retry_time: 60,
      initial_retry_delay: 0.01,
      max_retry_delay: 60,
      concurrency_limit: 1,
    },
  })
  await plugin.unmount()
})

const http_endpoint = 'http://a.example'
test.each([
  [{}, 'http_endpoint: required field missing'],
  [{ http_endpoint: 'a.example/logs' }, 'http_endpoint: missing host in url'],
  [{ http_endpoint, method: 'GET' }, 'method: expected one of: POST, PUT, PATCH'],
  [{ http_endpoint, headers: { host: 'b' } }, "headers: cannot contain 'Host' header"],
  [
    { http_endpoint, headers: { 'CONTENT-LENGTH': '1' } },
    "headers: cannot contain 'Content-Length' header",
  ],
  [
    { http_endpoint: 'http://a:b@c.example', headers: { authorization: 'x' } },
    "specifying both an 'Authorization' header and user info in 'http_endpoint' is not allowed",
  ],
  [
    { http_endpoint, queue: { max_batch_size: 0 } },
    'queue.max_batch_size: value should be between 1 and 1000000',
  ],
  [
    { http_endpoint, queue: { concurrency_limit: 2 } },
    'queue.concurrency_limit: expected one of: -1, 1',
  ],
])('%j is refused', async (input, message) => {
  await expect(mount(httpLog, input as { http_endpoint: string })).rejects.toThrow(message)
})
