import { expect, test } from 'vitest'
import { toPlain } from './to-plain.ts'

test.each<[unknown, unknown]>([
  [1n, 1],
  [2n ** 60n, '1152921504606846976'],
  [1.5, 1.5],
  [true, true],
  [null, undefined],
  [undefined, undefined],
  [new Uint8Array([1, 2]), 'AQI='],
  [new Map([['a', 1n]]), { a: 1 }],
  [{ a: { b: null, c: [null] } }, { a: { c: [null] } }],
])('%o is %o', (value, plain) => {
  expect(toPlain(value)).toEqual(plain)
})

test.each([[Number.NaN], [Infinity], [['x'.repeat(9000), 'x'.repeat(9000)]]])(
  '%o is none',
  (value) => {
    expect(() => toPlain(value)).toThrow(RangeError)
  },
)
