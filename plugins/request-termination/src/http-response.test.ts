import { expect, test } from 'vitest'
import { HttpResponse } from './http-response.ts'

const answer = { status: 503, retryAfter: 60, contentType: 'text/plain', body: 'closed é' }
const get = Buffer.from('GET /')

const print = (more: object, opening = get) =>
  Buffer.from(new HttpResponse({ ...answer, ...more }).bytes(opening, 0)).toString()

test('a whole response', () => {
  expect(print({})).toBe(
    [
      'HTTP/1.1 503 Service Unavailable',
      'Date: Thu, 01 Jan 1970 00:00:00 GMT',
      'Content-Type: text/plain',
      'Content-Length: 9',
      'Retry-After: 60',
      'Connection: close',
      '',
      'closed é',
    ].join('\r\n'),
  )
})

test('the answer to HEAD has no body, and tells of one', () => {
  const text = print({}, Buffer.from('HEAD /'))
  expect(text).toContain('Content-Length: 9\r\n')
  expect(text.endsWith('\r\n\r\n')).toBe(true)
})

test.each([
  [404, 'HTTP/1.1 404 Not Found\r\n', false],
  [429, 'HTTP/1.1 429 Too Many Requests\r\n', true],
  [499, 'HTTP/1.1 499 \r\n', false],
])('%i', (status, line, isRetried) => {
  const text = print({ status })
  expect(text.startsWith(line)).toBe(true)
  expect(text.includes('Retry-After')).toBe(isRetried)
})

test('a status without a body has none', () => {
  const text = print({ status: 204 })
  expect(text).not.toContain('Content-')
  expect(text.endsWith('\r\n\r\n')).toBe(true)
})
