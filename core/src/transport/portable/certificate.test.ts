import { expect, test } from 'vitest'
import { distinguishedName, splitNames } from './certificate.ts'

test('names are split, quoted ones with care', () => {
  expect(splitNames(undefined)).toEqual([])
  expect(splitNames('DNS:a.example, IP Address:10.0.0.1, URI:spiffe://a/b')).toEqual([
    'DNS:a.example',
    'IP Address:10.0.0.1',
    'URI:spiffe://a/b',
  ])
  expect(splitNames('DNS:"evil, DNS:bank.example", email:a@b')).toEqual([
    'DNS:evil, DNS:bank.example',
    'email:a@b',
  ])
  expect(splitNames(String.raw`URI:"a\"b, c", IP Address:0:0:0:0:0:0:0:1`)).toEqual([
    'URI:a"b, c',
    'IP Address:0:0:0:0:0:0:0:1',
  ])
})

test('a subject reads from the special to the general', () => {
  expect(distinguishedName('C=DE\nO=Bank\nCN=a')).toBe('CN=a,O=Bank,C=DE')
  expect(distinguishedName(undefined)).toBe('')
})
