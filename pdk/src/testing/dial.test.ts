import { expect, test } from 'vitest'
import { slot } from '../slot.ts'
import { fillIn } from './dial.ts'

test('nothing said is a plain connection to a service', () => {
  expect(fillIn({})).toMatchObject({
    client: { address: '127.0.0.1', port: 50_000 },
    listener: { address: '127.0.0.1', port: 5555 },
    protocol: 'tcp',
    hello: undefined,
    targets: [{ host: 'upstream', port: 80 }],
    route: { protocols: ['tcp'] },
    service: { name: 'service' },
  })
})

test('a name makes it TLS', () => {
  expect(fillIn({ sni: 'a.example' })).toMatchObject({
    protocol: 'tls',
    hello: { serverName: 'a.example' },
  })
  expect(fillIn({ alpn: ['h2'] }).protocol).toBe('tls')
  expect(fillIn({ sni: 'a', protocol: 'tls_passthrough' }).protocol).toBe('tls_passthrough')
})

test('addresses are read as they are written', () => {
  const targets = ['a:1', '[::1]:2', 'unix:run/db.sock', { host: 'b', port: 3 }]
  expect(fillIn({ targets }).targets).toEqual([
    { host: 'a', port: 1 },
    { host: '::1', port: 2 },
    { host: 'unix:run/db.sock', port: 0 },
    { host: 'b', port: 3 },
  ])
  expect(fillIn({ from: 'unix:' }).client).toEqual({ address: 'unix:', port: 0 })
  expect(() => fillIn({ targets: ['nowhere'] })).toThrow('expected host:port, not nowhere')
})

test('text and bytes, whole and in pieces', () => {
  const sent = (bytes: Parameters<typeof fillIn>[0]['bytes'] & {}) =>
    fillIn({ bytes }).chunks.map((chunk) => chunk.toString('hex'))
  expect(sent('é')).toEqual(['c3a9'])
  expect(sent(Uint8Array.of(1, 2))).toEqual(['0102'])
  expect(sent(['a', Uint8Array.of(0), ''])).toEqual(['61', '00'])
})

test('slots come filled', () => {
  expect(fillIn({ slots: [[slot<number>('n'), 7]] }).slots.get('n')).toBe(7)
})
