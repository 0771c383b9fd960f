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

test('a partial chain and a certificate that is always shown anew are policies of their own', () => {
  const asked = { clientCertificate: 'required', ca: ['a'] } as const
  const keys = [
    policyKey(asked),
    policyKey({ ...asked, allowPartialChain: true }),
    policyKey({ ...asked, resumption: false }),
    policyKey({ ...asked, allowPartialChain: true, resumption: false }),
  ]
  expect(new Set(keys).size).toBe(4)
  expect(policyKey({ ...asked, allowPartialChain: false, resumption: true })).toBe(keys[0])
})

test('where one text ends is part of the digest', () => {
  expect(digestList(['ab', 'c'])).not.toBe(digestList(['a', 'bc']))
  expect(digestList([])).not.toBe(digestList(['']))
})
