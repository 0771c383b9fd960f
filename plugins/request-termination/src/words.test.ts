import { expect, test } from 'vitest'
import { oneLine, wordsOf, type Protocol } from './words.ts'

const http = { status: 503, retryAfter: 1, contentType: 'text/plain', body: 'x' }

test.each<[Protocol, number, string]>([
  ['text', 0, 'two\nlines\n'],
  ['redis', 1, '-ERR closed\r\n'],
  ['memcached', 1, 'SERVER_ERROR closed\r\n'],
  ['smtp', 0, '421 4.3.2 closed\r\n'],
  ['imap', 0, '* BYE [UNAVAILABLE] closed\r\n'],
  ['pop3', 0, '-ERR [SYS/TEMP] closed\r\n'],
  ['ftp', 0, '421 closed\r\n'],
])('%s listens for %i bytes and says %j', (protocol, opening, text) => {
  const words = wordsOf(protocol, { message: 'closed', text: 'two\nlines\n', http })
  expect(words.opening).toBe(opening)
  expect(Buffer.from(words.answer(new Uint8Array(), 0) ?? []).toString()).toBe(text)
})

test('a message is one line', () => {
  expect(oneLine('a\r\n\r\nb\0c')).toBe('a b c')
})
