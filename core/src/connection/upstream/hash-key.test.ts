import { expect, test } from 'vitest'
import { upstreamRow } from '../../balancing/pools.fixture.ts'
import type { Upstream } from '../../entities/rows.ts'
import { hashKey } from './hash-key.ts'

interface Client {
  readonly address?: string
  readonly serverName?: string
  readonly slots?: Readonly<Record<string, unknown>>
}

function key(more: Partial<Upstream>, { address = '192.0.2.1', serverName, slots }: Client) {
  return hashKey(upstreamRow('u', more), {
    client: { address, port: 4000 },
    hello: serverName === undefined ? undefined : { serverName, alpn: [], ja3: '', ja4: '' },
    get: ({ name }: { readonly name: string }) => slots?.[name] as never,
  })
}

const ip = (address: string) => key({ hash_on: 'ip' }, { address })

test('on ip a client has one key, in whichever form its address is seen, and from whichever port', () => {
  expect(ip('::ffff:192.0.2.1')).toBe(ip('192.0.2.1'))
  expect(ip('2001:db8:0:0::1')).toBe(ip('2001:DB8::1'))
  expect(
    new Set([ip('192.0.2.1'), ip('192.0.2.2'), ip('2001:db8::1'), ip('2001:db8::2')]).size,
  ).toBe(4)
  expect(ip('unix:')).toBeUndefined()
})

test.each([
  [{}, ['192.0.2.1', '192.0.2.254'], '192.0.3.1'],
  [{ hash_on_ipv4_prefix: 8 }, ['192.0.2.1', '192.255.2.1'], '193.0.2.1'],
  [{ hash_on_ipv4_prefix: 32 }, ['192.0.2.1', '::ffff:192.0.2.1'], '192.0.2.2'],
  [{ hash_on_ipv4_prefix: 0 }, ['192.0.2.1', '10.0.0.1'], '2001:db8::1'],
  [{}, ['2001:db8:0:1::1', '2001:db8:0:ff::1'], '2001:db8:0:100::1'],
  [{ hash_on_ipv6_prefix: 64 }, ['2001:db8:0:1::1', '2001:db8:0:1::2'], '2001:db8:0:2::1'],
  [{ hash_on_ipv6_prefix: 128 }, ['2001:db8::1', '2001:db8:0::1'], '2001:db8::2'],
])('on subnet %j neighbours have one key', (more, together, apart) => {
  const [a, b, c] = [...together, apart].map((address) =>
    key({ hash_on: 'subnet', ...more }, { address }),
  )
  expect(a).toBeTypeOf('number')
  expect(b).toBe(a)
  expect(c).not.toBe(a)
})

test('on sni it is the server name; a plain connection has none', () => {
  const on = { hash_on: 'sni' }
  expect(key(on, { serverName: 'a' })).toBe(key(on, { serverName: 'a', address: '10.0.0.1' }))
  expect(key(on, { serverName: 'a' })).not.toBe(key(on, { serverName: 'b' }))
  expect(key(on, {})).toBeUndefined()
})

test('on slot it is what has one text', () => {
  const on = (value: unknown) =>
    key({ hash_on: 'slot', hash_on_slot: 'tenant' }, { slots: { tenant: value } })
  expect(on(7)).toBe(on('7'))
  expect(new Set([on('7'), on(8n), on(true), on('')]).size).toBe(4)
  for (const value of [undefined, null, {}, ['7'], () => '7']) expect(on(value)).toBeUndefined()
  expect(key({ hash_on: 'slot' }, { slots: { tenant: 'a' } })).toBeUndefined()
})

test('what is not there is replaced by hash_fallback; what only HTTP has never is there', () => {
  const on = { hash_on: 'sni', hash_fallback: 'ip' }
  expect(key(on, {})).toBe(ip('192.0.2.1'))
  expect(key(on, { serverName: 'a' })).not.toBe(ip('192.0.2.1'))
  for (const hash_on of [
    'consumer',
    'header',
    'cookie',
    'path',
    'query_arg',
    'uri_capture',
    'none',
    null,
  ]) {
    expect(key({ hash_on }, {})).toBeUndefined()
    expect(key({ hash_on, hash_fallback: 'ip' }, {})).toBe(ip('192.0.2.1'))
  }
})
