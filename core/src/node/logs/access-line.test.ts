import { expect, test } from 'vitest'
import { start, summary } from './access.fixture.ts'
import { accessLine, overflowLine } from './access-line.ts'

test('an ending is one line; what is not known is not there', () => {
  const latencies = { session: 40.2, kong: 2.9, routed: 0.1, handshake: 1.7 }
  expect(accessLine(summary({ revision: 7, latencies }), start)).toBe(
    `{"time":"2026-01-02T03:04:05.006Z","started_at":${start - 40},` +
      '"client_ip":"192.0.2.1","client_port":4711,"server_port":5555,"protocol":"tcp",' +
      '"route":{"id":"r1","name":"ssh"},"service":{"id":"s1"},"target":"10.0.0.1:22",' +
      '"status":200,"ending":"client.closed","received":10,"sent":20,' +
      '"latencies":{"session":40,"kong":3},"revision":7}',
  )
})

test('behind a proxy the one that has sent the header is told, too', () => {
  const peer = { address: '10.0.0.9', port: 1 }
  const proxy = { version: 2, peer, destination: peer, tlvs: {} } as const
  const line = accessLine(summary({ proxy }), start)
  expect(JSON.parse(line)).toMatchObject({ client_ip: '192.0.2.1', peer_ip: '10.0.0.9' })
})

test('a connection that was never routed has little to tell', () => {
  const nothing = { route: undefined, service: undefined, protocol: undefined, target: undefined }
  const line = accessLine(summary({ ...nothing, ending: 'gateway.route.none', status: 500 }), start)
  expect(Object.keys(JSON.parse(line))).toEqual([
    'time',
    'started_at',
    'client_ip',
    'client_port',
    'server_port',
    'status',
    'ending',
    'received',
    'sent',
    'latencies',
    'revision',
  ])
})

test.each([
  [{ host: '::1', port: 9 }, '[::1]:9'],
  [{ host: 'db.example', port: 9 }, 'db.example:9'],
  [{ host: 'unix:/run/db', port: 0 }, 'unix:/run/db'],
])('the target %o', (target, expected) => {
  expect(JSON.parse(accessLine(summary({ target }), start)).target).toBe(expected)
})

test('what a client sends cannot start a line, an escape sequence or a field', () => {
  const serverName = 'a\n{"status":200}\u2028\u2029\u0085\u001b[2J\u009b2J\u202e"\ud800'
  const line = accessLine(summary({ hello: { serverName, alpn: [], ja4: '', ja3: '' } }), start)
  expect(line).toMatch(/^[\x20-\x7e]*$/)
  expect(JSON.parse(line)).toMatchObject({ sni: serverName, status: 200 })
})

test('the overflow', () => {
  expect(overflowLine(start, 5)).toBe(
    '{"time":"2026-01-02T03:04:05.006Z","overflow":true,"repeated":5}',
  )
})
