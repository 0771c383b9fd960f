import { expect, test } from 'vitest'
import { hostName, origin } from './names.ts'

const at = { name: 'x', cwd: '/', prefix: '/', warn: () => undefined }

test('a host name is kept in lower case', () => {
  expect(hostName().parse('Kong-1.Internal', at)).toBe('kong-1.internal')
})

test.each(['kong:8001', 'http://kong', '', '.kong', 'a b'])('%j is no host name', (text) => {
  expect(() => hostName().parse(text, at)).toThrow('x has an invalid value')
})

test('an origin is what a browser sends', () => {
  expect(origin().parse('https://Manager.example:443/path', at)).toBe('https://manager.example')
})

test.each(['manager.example', 'ftp://manager.example', ''])('%j is no origin', (text) => {
  expect(() => origin().parse(text, at)).toThrow('x has an invalid value')
})
