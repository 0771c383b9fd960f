import fc from 'fast-check'
import { expect, test } from 'vitest'
import { definitions, entityNames } from '../entities/definitions/index.ts'
import { declaredWorld } from './declare.fixture.ts'
import { DeclarativeError } from './declarative-error.ts'
import { exportRows } from './export-rows.ts'
import { nestedIn } from './shape.ts'

const anything = fc.oneof(
  { maxDepth: 2 },
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    'tcp',
    'tls',
    'a',
    'b',
    '127.0.0.1:1',
    '0855b320-0dd2-547d-891d-601e9b38647f',
    80,
    true,
    null,
  ),
  fc.constantFrom(['tcp'], ['tls'], ['a.test'], [{ port: 1 }], { id: 'a' }, { name: 'a' }, {}),
)

/** Entities whose fields have names that mean something, with values that mostly do not. */
const entity = fc.constantFrom(...entityNames).chain((name) => {
  const nested = nestedIn(name).map((each) => each.entity)
  const fields = [
    ...Object.keys(definitions[name].schema.properties),
    ...nested,
    'url',
    '_comment',
    '_ignore',
    'wrong',
  ]
  const row = fc.dictionary(fc.constantFrom(...fields), fc.oneof(anything, fc.array(anything)), {
    maxKeys: 6,
  })
  return fc.tuple(
    fc.constant(name),
    fc.array(fc.oneof({ weight: 9, arbitrary: row }, anything), { maxLength: 3 }),
  )
})
const document = fc.array(entity, { maxLength: 4 }).map((entries) => Object.fromEntries(entries))

test('whatever a document holds, it is loaded or refused with errors that can be told', () => {
  let loaded = 0
  fc.assert(
    fc.property(document, (fields) => {
      const world = declaredWorld()
      try {
        world.load(structuredClone(fields))
        loaded++
      } catch (error) {
        if (!(error instanceof DeclarativeError)) throw error
        expect(JSON.stringify(error.flattenedBody())).toContain('"code":14')
        expect(error.message).not.toContain('undefined')
        return
      }
      const text = exportRows(world.set, world.context)
      expect(world.load(text)).toEqual([])
    }),
    { numRuns: 1500 },
  )
  expect(loaded).toBeGreaterThan(50)
})
