import { expect, test } from 'vitest'
import { describeListener } from './describe-listener.ts'
import { settingsOf } from '../node.fixture.ts'

function shown(text: string, port?: number) {
  const [listen] = settingsOf({ stream_listen: text, trusted_ips: '::1' }).stream_listen
  if (!listen) throw new Error('nothing listens')
  return describeListener(listen, 'stream', port)
}

test('a listener has every flag there is, as Kong writes it', () => {
  expect(shown('127.0.0.1:9443 ssl reuseport')).toEqual({
    ip: '127.0.0.1',
    port: 9443,
    listener: '127.0.0.1:9443 ssl reuseport',
    udp: false,
    ssl: true,
    proxy_protocol: false,
    bind: false,
    reuseport: true,
    'backlog=%d+': false,
    'ipv6only=on': false,
    'ipv6only=off': false,
    'so_keepalive=on': false,
    'so_keepalive=off': false,
    'so_keepalive=%w*:%w*:%d*': false,
  })
})

test('whether PROXY headers are expected', () => {
  const listener = shown('127.0.0.1:1 proxy_protocol')
  expect(listener).toMatchObject({ listener: '127.0.0.1:1 proxy_protocol', proxy_protocol: true })
})

test('a flag with a value is called by it', () => {
  const listener = shown('0.0.0.0:1 backlog=16384 so_keepalive=30m::')
  expect(listener).toMatchObject({ 'backlog=16384': true, 'so_keepalive=30m::': true })
  expect(listener).not.toHaveProperty('backlog=%d+')
  expect(listener).not.toHaveProperty('so_keepalive=%w*:%w*:%d*')
})

test('an API has the flags of HTTP', () => {
  const [listen] = settingsOf({ admin_listen: '127.0.0.1:8444 http2 ssl' }).admin_listen
  const listener = listen && describeListener(listen, 'http')
  expect(listener).toMatchObject({ listener: '127.0.0.1:8444 ssl', http2: true, deferred: false })
  expect(listener).not.toHaveProperty('udp')
})

test.each([
  ['[::1]:5555', { ip: '[0000:0000:0000:0000:0000:0000:0000:0001]', port: 5555 }],
  ['[::ffff:1.2.3.4]:5', { ip: '[0000:0000:0000:0000:0000:ffff:0102:0304]', port: 5 }],
  ['localhost:5', { ip: 'localhost', port: 5, listener: 'localhost:5' }],
  ['unix:/run/a.sock ssl', { ip: 'unix:/run/a.sock', port: 0, listener: 'unix:/run/a.sock ssl' }],
])('the place of %s', (text, expected) => {
  expect(shown(text)).toMatchObject(expected)
})

test('a port that the system has picked is shown', () => {
  expect(shown('127.0.0.1:0', 4711)).toMatchObject({ port: 4711, listener: '127.0.0.1:4711' })
})
