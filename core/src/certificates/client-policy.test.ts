import { expect, test } from 'vitest'
import { digestList, policyKey } from './client-policy.ts'

test('the same authorities in another array are the same policy', () => {
  const key = (ca: string[]) => policyKey({ clientCertificate: 'required', ca })
  expect(key(['a', 'b'])).toBe(key(['a', 'b']))
  expect(key(['a', 'b'])).not.toBe(key(['b', 'a']))
  expect(key([])).not.toBe(policyKey({ clientCertificate: 'optional', ca: [] }))
})

test('authorities do not matter when nobody is asked', () => {
  const key = (ca: string[]) => policyKey({ clientCertificate: 'none', ca })
  expect(key(['a'])).toBe(key([]))
})

test('where one text ends is part of the digest', () => {
  expect(digestList(['ab', 'c'])).not.toBe(digestList(['a', 'bc']))
  expect(digestList([])).not.toBe(digestList(['']))
})
