import { expect, test } from 'vitest'
import { DerError, DerReader, readTime, tags } from './der.ts'

const hex = (text: string): DerReader => new DerReader(Buffer.from(text.replaceAll(' ', ''), 'hex'))

test('values one after the other, with short and long lengths', () => {
  const reader = hex(`0201 05 0481 02 aabb 3000`)
  expect(reader.take(tags.integer).contents.toString('hex')).toBe('05')
  expect(reader.takeIf(tags.integer)).toBeUndefined()
  expect(reader.take(tags.octets).whole.toString('hex')).toBe('048102aabb')
  const empty = reader.takeAny()
  expect([empty.tag, empty.hex, empty.parts.tag]).toEqual([tags.sequence, '', undefined])
  expect(reader.tag).toBeUndefined()
  reader.end()
})

test.each([
  ['', 'cut short'],
  ['02', 'cut short'],
  ['0202 01', 'cut short'],
  ['0280 01 0000', 'malformed'],
  ['0285 0000000001 01', 'malformed'],
  ['0284 ffffffff 01', 'cut short'],
  ['0282 01', 'malformed'],
  ['0401 00', 'tag 4 where 2 is expected'],
])('%j is refused', (bytes, why) => {
  expect(() => hex(bytes).take(tags.integer)).toThrow(why)
  expect(() => hex(bytes).take(tags.integer)).toThrow(DerError)
})

test('a value ends where the one around it does', () => {
  const parts = hex('3003 02 02 05 06').take(tags.sequence).parts
  expect(() => parts.take(tags.integer)).toThrow('cut short')
  const cut = hex('3001 02 01 05').take(tags.sequence).parts
  expect(() => cut.take(tags.integer)).toThrow('cut short')
})

test('more than is expected is refused', () => {
  const reader = hex('0500 00')
  reader.takeAny()
  expect(() => reader.end()).toThrow('more than is expected')
})

const time = (tag: number, text: string): number => readTime({ tag, contents: Buffer.from(text) })

test('times in both forms', () => {
  expect(time(tags.utcTime, '491231235959Z')).toBe(Date.UTC(2049, 11, 31, 23, 59, 59))
  expect(time(tags.utcTime, '500101000000Z')).toBe(Date.UTC(1950, 0, 1))
  expect(time(tags.generalizedTime, '20500101000000Z')).toBe(Date.UTC(2050, 0, 1))
})

test.each([
  [tags.utcTime, '491331235959Z'],
  [tags.utcTime, '4912312359Z'],
  [tags.utcTime, '490231000000Z'],
  [tags.generalizedTime, '20500101000000+0100'],
  [tags.generalizedTime, '20500101000000.5Z'],
  [tags.octets, '20500101000000Z'],
])('tag %i with %s is no time', (tag, text) => {
  expect(() => time(tag, text)).toThrow('malformed')
})
