import { expect, test } from 'vitest'
import type { ObjectSchema } from '@kong-ts/pdk'
import { compile } from '@kong-ts/pdk/host'
import { describeChange } from './describe-change.ts'
import type { EntityName, Row } from './rows.ts'
import { testContext } from './world.fixture.ts'

const schema: ObjectSchema = {
  type: 'object',
  properties: {
    host: { type: 'string' },
    pin: { type: 'integer', writeOnly: true },
    redis: {
      type: 'object',
      properties: { host: { type: 'string' }, password: { type: 'string' } },
    },
    keys: { type: 'array', items: { type: 'string' }, writeOnly: true },
    tokens: { type: 'integer' },
  },
}
const facts = { protocols: ['tcp'], schema, validate: compile(schema, { prefix: 'config.' }) }
const context = {
  ...testContext(),
  plugins: { find: (name: string) => (name === 'p' ? facts : undefined), names: () => ['p'] },
}
const stamps = { created_at: 1, updated_at: 1, tags: null }

function describe(entity: EntityName, before: object | undefined, after: object | undefined) {
  const row = (fields: object | undefined): Row | undefined =>
    fields && { id: 'i', ...stamps, ...fields }
  return describeChange({ entity, id: 'i', before: row(before), after: row(after) }, context)
}

test('of a changed row only what is another is shown, in records too', () => {
  const headers = { a: ['1'], b: ['2'] }
  expect(
    describe(
      'routes',
      { name: 'r', snis: ['a'], headers, paths: null },
      { name: 'r', snis: ['a', 'b'], headers: { a: ['1'], c: ['3'] }, paths: null },
    ),
  ).toEqual({
    op: 'update',
    entity: 'routes',
    id: 'i',
    name: 'r',
    before: { snis: ['a'], headers: { b: ['2'] } },
    after: { snis: ['a', 'b'], headers: { c: ['3'] } },
  })
})

test('a new row and one that is gone are shown whole, under the name that they have', () => {
  const target = { target: '10.0.0.1:80', weight: 1 }
  const row = { id: 'i', ...stamps, ...target }
  const named = { entity: 'targets', id: 'i', name: '10.0.0.1:80' }
  const [made, gone] = [
    describe('targets', undefined, target),
    describe('targets', target, undefined),
  ]
  expect(made).toEqual({ op: 'create', ...named, before: null, after: row })
  expect(gone).toEqual({ op: 'delete', ...named, before: row, after: null })
})

test('that a secret has changed is shown, and nothing of it', () => {
  const shown = [
    describe(
      'certificates',
      { cert: 'c1', key: 'HIDDEN1', key_alt: null },
      { cert: 'c2', key: 'HIDDEN2', key_alt: 'HIDDEN3' },
    ),
    describe('keys', { jwk: 'HIDDEN4' }, undefined),
    describe('keys', undefined, { pem: { private_key: 'HIDDEN5', public_key: 'pub' } }),
  ]
  expect(shown).toMatchObject([
    {
      before: { cert: 'c1', key: '******', key_alt: null },
      after: { cert: 'c2', key: '******', key_alt: '******' },
    },
    { before: { jwk: '******' } },
    { after: { pem: { private_key: '******', public_key: 'pub' } } },
  ])
  expect(JSON.stringify(shown)).not.toContain('HIDDEN')
})

test('the schema of a plugin says what is secret, or its name does; of an unknown plugin all is', () => {
  const config = {
    host: 'h',
    pin: 1234,
    redis: { host: 'r', password: 'HIDDEN' },
    keys: ['HIDDEN'],
    tokens: 5,
  }
  expect(describe('plugins', undefined, { name: 'p', config }).after?.['config']).toEqual({
    host: 'h',
    pin: '******',
    redis: { host: 'r', password: '******' },
    keys: ['******'],
    tokens: 5,
  })
  const changed = describe(
    'plugins',
    { name: 'p', config },
    { name: 'p', config: { ...config, pin: 4321, tokens: 6 } },
  )
  expect(changed.after).toEqual({ config: { pin: '******', tokens: 6 } })
  expect(describe('plugins', { name: 'gone', config }, undefined).before?.['config']).toEqual({
    host: '******',
    pin: '******',
    redis: { host: '******', password: '******' },
    keys: ['******'],
    tokens: '******',
  })
})
