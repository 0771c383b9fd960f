import { expect, test } from 'vitest'
import { writeClientHello } from './client-hello.ts'

test('the bytes are one TLS record with one ClientHello of consistent lengths', () => {
  const { bytes } = writeClientHello('db.example', ['h2', 'http/1.1'])
  expect([bytes[0], bytes[1], bytes[5]]).toEqual([0x16, 0x03, 0x01])
  expect(bytes.readUInt16BE(3)).toBe(bytes.length - 5)
  expect(bytes.readUIntBE(6, 3)).toBe(bytes.length - 9)
  for (const said of ['db.example', 'h2', 'http/1.1']) expect(bytes.includes(said)).toBe(true)
})

test('the facts are those of the bytes', () => {
  const { hello } = writeClientHello('Db.Example.', ['h2'])
  expect(hello).toMatchObject({ serverName: 'db.example', alpn: ['h2'] })
  expect(hello.ja4).toMatch(/^t13d0204h2_[0-9a-f]{12}_[0-9a-f]{12}$/)
  const nameless = writeClientHello(undefined, []).hello
  expect(nameless).not.toHaveProperty('serverName')
  expect(nameless.ja4).toMatch(/^t13i020200_/)
})
