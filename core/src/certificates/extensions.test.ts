import { expect, test } from 'vitest'
import { writeExtensions } from './extensions.ts'

const keyId = Buffer.alloc(20, 1)
const extensions = (names: string[], ca = false, key: 'rsa' | 'ec' = 'ec') =>
  writeExtensions({ ca, key, names, subjectKeyId: keyId, authorityKeyId: keyId }).toString('hex')

test.each([
  ['10.0.0.1', '87040a000001'],
  ['::', '871000000000000000000000000000000000'],
  ['2001:db8::1', '871020010db8000000000000000000000001'],
  ['::ffff:1.2.3.4', '871000000000000000000000ffff01020304'],
  ['a.b', '8203612e62'],
  ['x://y', '8605783a2f2f79'],
])('the alternative name %s', (name, hex) => {
  expect(extensions([name])).toContain(hex)
})

test('key usage: sign; sign and encipher; sign certificates and lists', () => {
  expect(extensions([])).toContain('03020780')
  expect(extensions([], false, 'rsa')).toContain('030205a0')
  expect(extensions([], true)).toContain('03020186')
})

test('names that are not ASCII are refused', () => {
  expect(() => extensions(['ü.example'])).toThrow(TypeError)
  expect(() => extensions([''])).toThrow(TypeError)
})
