import { expect, test } from 'vitest'
import type { Schema } from '@kong-ts/pdk'
import { authorityReferences, withAuthorities } from './authority-references.ts'

const one = '00000000-0000-4000-8000-00000000000a'
const two = '00000000-0000-4000-8000-00000000000b'
const authority: Schema = { type: 'string', format: 'ca_certificate' }
const schema: Schema = {
  type: 'object',
  properties: {
    ca_certificates: { type: 'array', items: authority },
    inner: {
      type: 'object',
      properties: { ca: authority, id: { type: 'string', format: 'uuid' } },
    },
    byName: { type: 'object', additionalProperties: authority },
  },
}
const config = {
  ca_certificates: ['a certificate', one.toUpperCase()],
  inner: { ca: two, id: one },
  byName: { x: two },
  strange: one,
}

test('a reference is an id where the schema says that a CA certificate stands', () => {
  expect(authorityReferences(schema, config)).toEqual([
    { path: ['ca_certificates', '2'], id: one },
    { path: ['inner', 'ca'], id: two },
    { path: ['byName', 'x'], id: two },
  ])
  expect(authorityReferences(schema, null)).toEqual([])
})

test('certificates stand in place of their ids, and everything else stays', () => {
  const find = (id: string) => (id === one ? 'first' : undefined)
  expect(withAuthorities(schema, config, find)).toEqual({
    ...config,
    ca_certificates: ['a certificate', 'first'],
  })
})
