import { expect, test } from 'vitest'
import { mysqlError, openingOfPostgres, postgresError, sshDisconnect } from './packets.ts'

test('mysql: the length of the packet, its number, 0xff, error 1053, the SQLSTATE', () => {
  const packet = Buffer.from(mysqlError('closed é'))
  expect(packet.readUIntLE(0, 3)).toBe(packet.length - 4)
  expect([...packet.subarray(3, 7)]).toEqual([0, 0xff, 0x1d, 0x04])
  expect(packet.subarray(7).toString()).toBe('#08S01closed é')
})

test('postgres: the type, the length of the rest, the fields', () => {
  const packet = Buffer.from(postgresError('closed é'))
  expect(packet.readUInt32BE(1)).toBe(packet.length - 1)
  expect(packet.toString('utf8', 5)).toBe('SFATAL\0VFATAL\0C57P03\0Mclosed é\0\0')
})

const opening = (code: number) => Uint8Array.of(0, 0, 0, 8, 4, 0xd2, 0x16, code)

test.each([
  ['a startup message', Uint8Array.of(0, 0, 0, 80, 0, 3, 0, 0), 'startup'],
  ['a request for TLS', opening(0x2f), 'encryption'],
  ['a request for GSSAPI', opening(0x30), 'encryption'],
  ['a request to cancel', opening(0x2e), 'cancel'],
  ['hardly anything', Uint8Array.of(0, 0), 'startup'],
])('postgres, %s', (_what, said, kind) => {
  expect(openingOfPostgres(said)).toBe(kind)
})

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 100])(
  'ssh: a packet of whole blocks, %i letters',
  (count) => {
    const bytes = Buffer.from(sshDisconnect('x'.repeat(count)))
    const end = bytes.indexOf('\r\n') + 2
    expect(bytes.toString('latin1', 0, end)).toBe('SSH-2.0-kong-ts\r\n')
    const packet = bytes.subarray(end)
    expect(packet.length % 8).toBe(0)
    expect(packet.length).toBeGreaterThanOrEqual(16)
    expect(packet.readUInt32BE(0)).toBe(packet.length - 4)
    const padding = packet.readUInt8(4)
    expect(padding).toBeGreaterThanOrEqual(4)
    expect(packet.readUInt8(5)).toBe(1)
    expect(packet.readUInt32BE(6)).toBe(7)
    expect(packet.readUInt32BE(10)).toBe(count)
    expect(packet.readUInt32BE(14 + count)).toBe(0)
    expect(18 + count + padding).toBe(packet.length)
  },
)
