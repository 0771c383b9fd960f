import { expect, test } from 'vitest'
import { compileByteRegex, faultOfByteRegex } from './byte-regex.ts'

test.each([
  ['^220[ -].*ESMTP', '220-a\r\n220 b ESMTP ready', true],
  ['^\\+PONG', '+PONG\r\n', true],
  ['^\\+PONG', '-ERR', false],
  ['^[0-9]{3} (?:ok|fine)$', '250 fine', true],
  ['\\x00\\xff', 'a\x00\xff', true],
])('%s is matched', (source, text, matches) => {
  expect(faultOfByteRegex(source)).toBeUndefined()
  expect(compileByteRegex(source).test(text)).toBe(matches)
})

test.each([
  ['(', 'Unterminated group'],
  ['^+PONG', 'Nothing to repeat'],
  ['(?=a)b', 'Cannot be executed in linear time'],
  ['(a)\\1', 'Cannot be executed in linear time'],
])('%s is refused: %s', (source, why) => {
  expect(faultOfByteRegex(source)).toBe(`invalid regex '${source}': ${why}`)
})

test('what other engines need exponential time for is nothing', () => {
  const evil = compileByteRegex('^(a|a|aa)+$')
  expect(evil.test(`${'a'.repeat(4096)}b`)).toBe(false)
})
