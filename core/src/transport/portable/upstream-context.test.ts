import { expect, test } from 'vitest'
import { contextFor } from './upstream-context.ts'

test('equal options share a context, others do not', () => {
  const first = contextFor({ verify: false, serverName: 'a' })
  expect(contextFor({ verify: false, serverName: 'b' })).toBe(first)
  expect(contextFor({ verify: true, ca: [] })).not.toBe(first)
})

test('options that cannot be used throw every time', () => {
  const broken = { verify: false, certificate: { cert: 'x', key: 'y' } }
  expect(() => contextFor(broken)).toThrow(/PEM|no start line/i)
  expect(() => contextFor(broken)).toThrow(/PEM|no start line/i)
})
