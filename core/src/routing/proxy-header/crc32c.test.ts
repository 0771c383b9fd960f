import { expect, test } from 'vitest'
import { crc32c } from './crc32c.ts'

const upward = Uint8Array.from({ length: 32 }, (_, index) => index)

/** RFC 7143 appendix A.4, where the bytes of a checksum stand in the order in which they are sent. */
test.each([
  ['32 bytes of zeroes', new Uint8Array(32), 0x8a9136aa],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 bytes, incrementing', upward, 0x46dd794e],
  ['32 bytes, decrementing', upward.toReversed(), 0x113fdb5c],
  ['the digits', Buffer.from('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(), 0],
])('%s', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected)
})
