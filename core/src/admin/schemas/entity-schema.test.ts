import { expect, test } from 'vitest'
import { definitions } from '../../entities/definitions/index.ts'
import { samplePlugin } from '../../entities/world.fixture.ts'
import { renderEntity, renderPlugin } from './entity-schema.ts'

test('an entity shows its references, and its rules as data', () => {
  const { fields, entity_checks: checks } = renderEntity(definitions.snis)
  expect(fields.at(-1)).toMatchObject({
    certificate: {
      type: 'foreign',
      reference: 'certificates',
      on_delete: 'cascade',
      required: true,
    },
  })
  expect(checks).toEqual([])
  const routes = renderEntity(definitions.routes)
  expect(JSON.parse(JSON.stringify(routes))).toEqual(routes)
})

test('a plugin has its own protocols by default', () => {
  expect(renderPlugin(samplePlugin).fields[0]).toMatchObject({
    protocols: { type: 'set', default: ['tcp', 'tls'] },
  })
})
