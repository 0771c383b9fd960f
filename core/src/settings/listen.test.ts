import { expect, test } from 'vitest'
import { SettingsError } from '../errors/settings-error.ts'
import { resolveSettings } from './resolve-settings.ts'

function resolve(env: Record<string, string>) {
  return resolveSettings({ env, cwd: '/tmp' })
}

function problem(env: Record<string, string>): string {
  try {
    resolve(env)
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.join('\n')
    throw error
  }
  return 'none'
}

const stream = (text: string) => resolve({ KONG_STREAM_LISTEN: text }).settings.stream_listen

test('an entry has an address, a port and flags', () => {
  const [listen] = stream(
    '127.0.0.1:5555 ssl reuseport bind backlog=64 ipv6only=on so_keepalive=30m::',
  )
  expect(listen).toEqual({
    address: '127.0.0.1',
    port: 5555,
    ssl: true,
    proxyProtocol: false,
    backlog: 64,
    ipv6Only: true,
    keepAlive: 1_800_000,
    raw: '127.0.0.1:5555 ssl reuseport bind backlog=64 ipv6only=on so_keepalive=30m::',
  })
})

test('keep-alive may be on, off or an idle time whose other parts are mentioned as unused', () => {
  expect(stream('127.0.0.1:1 so_keepalive=on')[0]).not.toHaveProperty('keepAlive')
  expect(stream('127.0.0.1:1 so_keepalive=off')[0]?.keepAlive).toBe(0)
  const { settings, warnings } = resolve({
    KONG_STREAM_LISTEN: '127.0.0.1:1 so_keepalive=60:5:3',
  })
  expect(settings.stream_listen[0]?.keepAlive).toBe(60_000)
  expect(warnings).toEqual([
    'environment KONG_STREAM_LISTEN: stream_listen: so_keepalive=60:5:3: only the idle time is used',
  ])
})

test.each([
  ['[::]:5432', '::', 5432],
  ['[0:0::1]:0', '::1', 0],
  ['localhost:65535', 'localhost', 65535],
])('%s listens on %s', (text, address, port) => {
  expect(stream(text)).toMatchObject([{ address, port }])
})

test('a unix socket is relative to the current folder', () => {
  expect(stream('unix:run/x.sock')).toMatchObject([
    { address: 'unix:/tmp/run/x.sock', path: '/tmp/run/x.sock', port: 0 },
  ])
})

test('off means none; several entries are several listeners', () => {
  expect(stream('off')).toEqual([])
  expect(stream('127.0.0.1:1, 127.0.0.1:2 , 127.0.0.1:0, 127.0.0.1:0')).toHaveLength(4)
})

test.each([
  ['', "'' names no address"],
  ['5555', "'5555' has no <ip>:<port>"],
  ['127.0.0.1', "'127.0.0.1' has no <ip>:<port>"],
  ['127.0.0.1:65536', "'127.0.0.1:65536' has no <ip>:<port>"],
  ['example.com:80', "('localhost' is the only name; IPv6 in brackets)"],
  ['::1:80', "'::1:80' has no <ip>:<port>"],
  ['off, 127.0.0.1:1', "'off' has no <ip>:<port>"],
  ['127.0.0.1:1 http2', "'http2' is not a flag in '127.0.0.1:1 http2'"],
  ['127.0.0.1:1 toString', "'toString' is not a flag"],
  ['127.0.0.1:1 backlog=0', "'backlog=0' is not a number above 0"],
  ['127.0.0.1:1 ipv6only=yes', "'ipv6only=yes' is neither on nor off"],
  ['127.0.0.1:1 so_keepalive=5', "'so_keepalive=5' is not on, off or <idle>:<interval>:<count>"],
  ['127.0.0.1:1 so_keepalive=x::', "'x' of so_keepalive is not a duration such as 30m"],
  ['127.0.0.1:1 ssl=on', "has '=on' that takes no value"],
])('%j is refused in the words of Kong', (text, reason) => {
  const message = problem({ KONG_STREAM_LISTEN: text })
  expect(message).toContain(
    'environment KONG_STREAM_LISTEN: stream_listen must be of form: [off] | <ip>:<port> [ssl] [proxy_protocol] [bind]',
  )
  expect(message).toContain(reason)
})

test.each([
  [
    'stream_listen',
    '127.0.0.1:1 udp',
    "stream_listen: UDP is not served; leave out the entries with 'udp'",
  ],
  [
    'admin_listen',
    '127.0.0.1:1 proxy_protocol',
    "admin_listen: PROXY headers are read on stream_listen; leave out 'proxy_protocol'",
  ],
  ['stream_listen', '[::1]:1, [0::1]:1', 'stream_listen has ::1:1 twice; name each address once'],
  ['stream_listen', `unix:${'x'.repeat(110)}`, 'is too long (107 bytes at most)'],
])('%s = %s is refused', (name, text, message) => {
  expect(problem({ [`KONG_${name.toUpperCase()}`]: text })).toContain(message)
})

test('who may send PROXY headers has to be said where they are expected', () => {
  const env = { KONG_STREAM_LISTEN: '127.0.0.1:1, 127.0.0.1:2 ssl proxy_protocol' }
  expect(problem(env)).toBe(
    "stream_listen: '127.0.0.1:2 ssl proxy_protocol' needs trusted_ips, the addresses that may say who the client is (0.0.0.0/0,::/0 trusts everybody)",
  )
  const { settings } = resolve({ ...env, KONG_TRUSTED_IPS: '10.0.0.0/8, ::1, unix:' })
  expect(settings.stream_listen.map(({ proxyProtocol }) => proxyProtocol)).toEqual([false, true])
  expect(settings.trusted_ips).toEqual(['10.0.0.0/8', '::1', 'unix:'])
  expect(problem({ KONG_TRUSTED_IPS: '10.0.0.0/8, localhost' })).toBe(
    "environment KONG_TRUSTED_IPS: trusted_ips must be a comma separated list in the form of IPv4 or IPv6 address or CIDR block or 'unix:', got 'localhost'",
  )
})

test('two settings cannot have the same address', () => {
  const env = { KONG_STREAM_LISTEN: '127.0.0.1:8001', KONG_STATUS_LISTEN: 'unix:a' }
  expect(problem(env)).toBe(
    'admin_listen: 127.0.0.1:8001 is taken by stream_listen; choose another address or port',
  )
})

test("Kong's own addresses of the Admin API are accepted; HTTP/2 is mentioned", () => {
  const text =
    '127.0.0.1:8001 reuseport backlog=16384 deferred, 127.0.0.1:8444 http2 ssl reuseport backlog=16384'
  const { settings, warnings } = resolve({ KONG_ADMIN_LISTEN: text, KONG_STATUS_LISTEN: 'off' })
  expect(settings.admin_listen).toMatchObject([
    { port: 8001, ssl: false },
    { port: 8444, ssl: true },
  ])
  expect(warnings).toEqual([
    'environment KONG_ADMIN_LISTEN: admin_listen: http2 is ignored: HTTP/1.1 is served, which every client of HTTP/2 speaks',
  ])
  expect(problem({ KONG_STATUS_LISTEN: '127.0.0.1:1 http3' })).toContain(
    '<ip>:<port> [ssl] [http2] [deferred] [bind]',
  )
})
