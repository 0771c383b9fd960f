import { expect, test } from 'vitest'
import { configure } from './configure.ts'
import { definePlugin } from '../plugin.ts'
import { httpFormats } from './http-formats.ts'

test.each([
  ['http_url', 'http://a', undefined],
  ['http_url', 'https://user:word@a.example:8443/path?key=secret', undefined],
  ['http_url', 'localhost:9200/logs', 'missing host in url'],
  ['http_url', '/logs', 'missing host in url'],
  ['http_url', '//a/logs', 'missing scheme in url'],
  ['http_url', 'ftp://a', 'the scheme must be http or https'],
  ['http_url', 'http://a:99999/secret', 'could not parse url'],
  ['header_name', 'X-Key', undefined],
  ['header_name', 'hOST', "cannot contain 'Host' header"],
  ['header_name', 'content-length', "cannot contain 'Content-Length' header"],
  ['header_name', 'Content-Type', "cannot contain 'Content-Type' header"],
  ['header_name', 'transfer-encoding', "cannot contain 'Transfer-Encoding' header"],
  ['header_name', 'a b', /^bad header name 'a b'/],
  ['header_value', 'Bearer x', undefined],
  ['header_value', 'a\r\nB: c', /cannot be sent/],
])('%s %j: %s', (name, value, complaint) => {
  const format = httpFormats[name]
  expect(format?.accepts(value)).toBe(complaint === undefined)
  if (complaint !== undefined) expect(format?.complain(value)).toMatch(complaint)
})

test('the name of a key is refused where the map stands, without its value', () => {
  const plugin = definePlugin({
    name: 'p',
    version: '1.0.0',
    priority: 1,
    schema: {
      type: 'object',
      properties: {
        headers: {
          type: 'object',
          propertyNames: { format: 'header_name' },
          additionalProperties: { type: 'string', format: 'header_value' },
        },
      },
    },
    phases: {},
  })
  expect(configure(plugin, { headers: { Host: 'secret' } })).toEqual({
    ok: false,
    fields: { headers: "cannot contain 'Host' header" },
  })
})
