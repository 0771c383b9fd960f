import fc from 'fast-check'
import { expect, test } from 'vitest'
import { definitions, entityNames } from './definitions/index.ts'
import { EntitySet } from './entity-set.ts'
import { fieldOf } from './fields.ts'
import { ownedKeys } from './owned-list.ts'
import { ecCert, ecKey } from './pem.fixture.ts'
import { errorOf, world } from './plan.fixture.ts'
import type { Body } from './plan.fixture.ts'
import type { EntityName } from './rows.ts'

const tcp = { protocols: ['tcp'], sources: [{ port: 1 }] }
const name = fc.constantFrom('a', 'b', 'c', 'd')
const step = fc.oneof(
  fc.record({
    act: fc.constant('create'),
    entity: fc.constantFrom('services', 'routes', 'plugins', 'snis', 'certificates'),
    name,
    parent: name,
  }),
  fc.record({
    act: fc.constantFrom('patch', 'replace', 'remove'),
    entity: fc.constantFrom('services', 'routes', 'plugins', 'snis'),
    name,
    parent: name,
  }),
)

function bodyFor(entity: EntityName, own: string, parent: string): Body {
  const bodies: Partial<Record<EntityName, Body>> = {
    services: { name: own, host: 'h' },
    routes: { ...tcp, name: own, service: { name: parent } },
    plugins: { name: 'sample', instance_name: own, service: { name: parent } },
    snis: { name: own, certificate: { id: parent } },
    certificates: { cert: ecCert, key: ecKey, snis: [own, parent] },
  }
  return bodies[entity] ?? {}
}

test('random writes keep every index equal to one that is built anew', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { create, replace, patch, remove, set } = world()
      for (const { act, entity, name: own, parent } of steps) {
        const before = set.snapshot()
        const body = bodyFor(entity, own, parent)
        const refusal = errorOf(() => {
          if (act === 'create') create(entity, body)
          else if (act === 'replace') replace(entity, own, body)
          else if (act === 'patch') patch(entity, own, { tags: [parent] })
          else remove(entity, own)
        })
        if (refusal) expect(set.snapshot()).toEqual(before)
      }
      expect(indexes(set)).toEqual(indexes(EntitySet.from(set.snapshot())))
    }),
    { numRuns: 200 },
  )
})

/** Everything that a set answers, by every index. */
function indexes(set: EntitySet) {
  return entityNames.map((entity) => {
    const rows = set.list(entity, { size: Infinity }).rows
    const { key = '', references, owned } = definitions[entity]
    return {
      rows,
      named: rows.map((row) => set.named(entity, String(fieldOf(row, key)))?.id),
      absent: ['a', 'b', 'c', 'd'].map((text) => set.find(entity, text)?.id),
      owned: owned && rows.map((row) => ownedKeys(set, owned, row.id)),
      children: Object.entries(references).map(([field, rule]) =>
        entityNames
          .filter((parent) => parent === rule.entity)
          .flatMap((parent) => set.list(parent, { size: Infinity }).rows)
          .map((row) => set.children(entity, field, row.id)),
      ),
    }
  })
}
