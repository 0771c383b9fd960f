import { expect, test } from 'vitest'
import { ByteReader, MalformedBytes, readU16s } from './byte-reader.ts'

test('reads values and vectors, and never past the end', () => {
  const reader = new ByteReader(Uint8Array.from([1, 2, 3, 2, 9, 8, 0, 1, 7]))
  expect([reader.u8('a'), reader.u16('b'), reader.vector8('c').rest()]).toEqual([1, 0x203, [9, 8]])
  expect(reader.vector16('d').rest()).toEqual([7])
  reader.end('e')
  expect(() => reader.u8('the byte')).toThrow(new MalformedBytes('the byte runs past the end'))
  expect(() => new ByteReader(Uint8Array.of(0)).end('it')).toThrow('it has trailing bytes')
  expect(() => new ByteReader(Uint8Array.of(2, 0)).vector8('it')).toThrow(MalformedBytes)
})

test('a list of two-byte values has whole ones, and one at least', () => {
  expect(readU16s(new ByteReader(Uint8Array.of(1, 2, 255, 255)), 'it')).toEqual([0x102, 0xffff])
  expect(() => readU16s(new ByteReader(Uint8Array.of(1)), 'it')).toThrow(MalformedBytes)
  expect(() => readU16s(new ByteReader(Uint8Array.of()), 'it')).toThrow(MalformedBytes)
})
