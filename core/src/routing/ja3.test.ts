import { expect, test } from 'vitest'
import { ja3 } from './ja3.ts'

const rest = { versions: undefined, signatures: [], alpn: [] }

const first = {
  ...rest,
  version: 769,
  ciphers: [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
  extensions: [0, 10, 11],
  groups: [23, 24, 25],
  pointFormats: [0],
}

const second = {
  ...rest,
  version: 769,
  ciphers: [4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99],
  extensions: [],
}

test.each([
  [first, 'ada70206e40642a3e4461f35503241d5'],
  [second, 'de350869b8c85de67a350c8d186f11e6'],
])('as its authors publish it', (parts, published) => {
  expect(ja3(parts)).toBe(published)
})

test('GREASE is left out, the order stays', () => {
  const greased = {
    ...first,
    ciphers: [0x0a0a, ...first.ciphers],
    extensions: [...first.extensions, 0xfafa],
    groups: [0x1a1a, ...first.groups],
  }
  expect(ja3(greased)).toBe(ja3(first))
  expect(ja3({ ...first, groups: first.groups.toReversed() })).not.toBe(ja3(first))
})
