import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOf, faultOfByteText } from './byte-text.ts'

test.each([
  ['EHLO a\\r\\n', 'EHLO a\r\n'],
  ['\\t\\0\\\\', '\t\0\\'],
  ['\\x00\\xff\\xFf', '\x00\xff\xff'],
  ['\\\\x41', '\\x41'],
  ['plain', 'plain'],
])('%s stands for its bytes', (text, bytes) => {
  expect(faultOfByteText(text)).toBeUndefined()
  expect(bytesOf(text).toString('latin1')).toBe(bytes)
})

test('what is no escape is UTF-8', () => {
  expect(bytesOf('ä\\x41€')).toEqual(Buffer.from('äA€'))
})

test.each([
  ['a\\q', "'\\q'"],
  ['\\x4', "'\\x4'"],
  ['\\xgg1', "'\\xgg'"],
  ['end\\', "'\\'"],
  ['\\\\\\', "'\\'"],
  ['a\\\nb', "'\\\n'"],
])('%j is refused by its escape', (text, named) => {
  expect(faultOfByteText(text)).toContain(`invalid escape ${named}`)
})

test('any bytes can be written', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
      expect(faultOfByteText(text)).toBeUndefined()
      expect(new Uint8Array(bytesOf(text))).toEqual(bytes)
    }),
  )
})
