import { mount, type Dial } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import requestTermination from './index.ts'

type Input = Parameters<typeof mount<unknown, unknown, object>>[1]

const message = 'closed for maintenance'
const alert = '\u0015\u0003\u0003\0\u0002\u0002P'
const hello = Uint8Array.of(0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0)

test('without any words of its own a route says that it is unavailable', async () => {
  const plugin = await mount(requestTermination, {})
  expect(await plugin.connect()).toMatchObject({
    outcome: 'rejected',
    reason: 'Service unavailable',
    ending: 'plugin.request-termination.rejected',
    farewell: 'Service unavailable',
  })
})

test.each<[string, Input, Dial, string | undefined]>([
  ['a text', { message }, {}, message],
  ['a text of many lines', { body: 'a\nb\n' }, {}, 'a\nb\n'],
  ['a text to a silent client', { message }, { bytes: '', ends: false }, message],
  ['a text over TLS', { message }, { sni: 'db.example' }, message],
  [
    'a client of redis',
    { message, protocol: 'redis' },
    { bytes: 'PING\r\n' },
    `-ERR ${message}\r\n`,
  ],
  ['one over TLS', { message, protocol: 'redis' }, { sni: 'a.example' }, `-ERR ${message}\r\n`],
  ['one that speaks TLS to a plain route', { message, protocol: 'redis' }, { bytes: hello }, alert],
  [
    'TLS that passes',
    { message, protocol: 'smtp' },
    { sni: 'db.example', protocol: 'tls_passthrough' },
    alert,
  ],
  ['a route without a service', { message }, { service: null, sni: 'db.example' }, message],
  [
    'a request for TLS of postgres, which hears no first',
    { message: 'm', protocol: 'postgres' },
    { bytes: Uint8Array.of(0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f) },
    'E\0\0\0\u001dSFATAL\0VFATAL\0C57P03\0Mm\0\0',
  ],
  [
    'a request to cancel',
    { message, protocol: 'postgres' },
    { bytes: Uint8Array.of(0, 0, 0, 16, 4, 0xd2, 0x16, 0x2e, 0, 0, 0, 1, 0, 0, 0, 2) },
    undefined,
  ],
])('%s', async (_what, input, dial, farewell) => {
  const plugin = await mount(requestTermination, input)
  const dialled = await plugin.connect(dial)
  expect(dialled).toMatchObject({ outcome: 'rejected' })
  expect(dialled.farewell).toBe(farewell)
})

test('words over TLS come after the handshake', async () => {
  const plugin = await mount(requestTermination, { message })
  expect((await plugin.connect({ sni: 'db.example' })).summary.tls).toBeDefined()
})

test.each<[string, Input, string, string]>([
  [
    'the message as JSON',
    {},
    'application/json; charset=utf-8',
    '{"message":"Service unavailable"}',
  ],
  ['a body', { body: '<p>', content_type: 'text/html' }, 'text/html', '<p>'],
  ['a body of no said type', { body: 'x' }, 'text/plain; charset=utf-8', 'x'],
  [
    'another status',
    { status_code: 404 },
    'application/json; charset=utf-8',
    '{"message":"Not found"}',
  ],
])('http: %s', async (_what, input, type, body) => {
  const plugin = await mount(requestTermination, { protocol: 'http', ...input })
  const { farewell = '' } = await plugin.connect({ bytes: 'GET / HTTP/1.1\r\n\r\n' })
  expect(farewell).toContain(`\r\nContent-Type: ${type}\r\n`)
  expect(farewell.split('\r\n\r\n')[1]).toBe(body)
})

test.each<[Input, string]>([
  [{ message, body: 'x' }, 'message cannot be used with content_type or body'],
  [
    { message, content_type: 'x', protocol: 'http' },
    'message cannot be used with content_type or body',
  ],
  [{ content_type: 'text/html', protocol: 'http' }, 'content_type requires a body'],
  [{ body: 'x', protocol: 'smtp' }, 'config.body is only used with protocol=text or http'],
  [{ body: 'x', content_type: 'x' }, 'config.content_type is only used with protocol=http'],
  [{ status_code: 500 }, 'config.status_code is only used with protocol=http'],
  [{ status_code: 100, protocol: 'http' }, 'status_code: value should be between 200 and 599'],
  [{ protocol: 'gopher' }, 'protocol: expected one of: text, http, mysql'],
  [{ protocol: 'http', body: 'x', content_type: 'a\r\nb: c' }, 'content_type: invalid value'],
])('%j is refused', async (input, complaint) => {
  await expect(mount(requestTermination, input)).rejects.toThrow(complaint)
})
