import { array, assert, property, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { integer, octets, oid, read, sequence, time, tlv } from './der.ts'

test('lengths are written in their shortest form', () => {
  expect(octets(Buffer.alloc(127)).subarray(0, 2).toString('hex')).toBe('047f')
  expect(octets(Buffer.alloc(128)).subarray(0, 3).toString('hex')).toBe('048180')
  expect(octets(Buffer.alloc(65536)).subarray(0, 5).toString('hex')).toBe('0483010000')
})

test('integers lose leading zeros and never become negative', () => {
  expect(integer(Buffer.from([0, 0, 1])).toString('hex')).toBe('020101')
  expect(integer(Buffer.from([0x80])).toString('hex')).toBe('02020080')
  expect(integer(Buffer.from([0])).toString('hex')).toBe('020100')
})

test('object identifiers with arcs over 127', () => {
  expect(oid('1.2.840.113549.1.1.11').toString('hex')).toBe('06092a864886f70d01010b')
})

test('dates from 2050 on are GeneralizedTime', () => {
  expect(time(new Date('2049-12-31T23:59:59.999Z')).subarray(2).toString()).toBe('491231235959Z')
  expect(time(new Date('2050-01-01T00:00:00Z')).subarray(2).toString()).toBe('20500101000000Z')
})

test('what was written is read again', () => {
  assert(
    property(array(uint8Array({ maxLength: 400 })), (values) => {
      const [outer] = read(sequence(...values.map((value) => octets(value))))
      const inner = read(outer?.contents ?? Buffer.alloc(0))
      expect(inner.map(({ contents }) => Array.from(contents))).toEqual(
        values.map((value) => Array.from(value)),
      )
    }),
  )
})

test('bytes that are not DER are refused, never read beyond their end', () => {
  const whole = sequence(octets(Buffer.alloc(300)), tlv(0x05))
  for (let end = 1; end < whole.length; end += 1) {
    expect(() => read(whole.subarray(0, end))).toThrow(RangeError)
  }
  expect(() => read(Buffer.from('3080', 'hex'))).toThrow(RangeError)
})
