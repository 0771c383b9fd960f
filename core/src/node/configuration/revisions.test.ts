import { expect, test } from 'vitest'
import { EntitySet } from '../../entities/entity-set.ts'
import type { Fields } from '../../entities/fields.ts'
import { planDelete } from '../../entities/plan-delete.ts'
import { planCreate, planPatch } from '../../entities/plan.ts'
import type { EntityName } from '../../entities/rows.ts'
import { testContext } from '../../entities/world.fixture.ts'
import { EntityError } from '../../errors/entity-error.ts'
import { callRevisions } from '../control/control-revisions.ts'
import { planRollback } from './plan-rollback.ts'
import { RevisionError } from './revision-error.ts'
import { openRevisions, type Revisions } from './revisions.ts'
import { recordedNode } from './revisions.fixture.ts'

const context = testContext()

async function world(limit = 100) {
  const node = await recordedNode(limit)
  const plan = { plugins: context.plugins, now: () => Date.now(), uuid: () => crypto.randomUUID() }
  const revisions = openRevisions(node, plan)
  if (!revisions) throw new Error('there is no history')
  const create = (entity: EntityName, body: Fields) =>
    node.write((set) => planCreate(set, plan, entity, body), 'me')
  const patch = (entity: EntityName, at: string, body: Fields) =>
    node.write((set) => planPatch(set, plan, entity, at, body), 'me')
  const remove = (entity: EntityName, at: string) =>
    node.write((set) => planDelete(set, entity, at), 'me')
  return { node, revisions, create, patch, remove, plan }
}

const db = { name: 'db', url: 'tcp://db.test:5432' }
const tcp = { name: 'r', protocols: ['tcp'], sources: [{ port: 1 }] }

test('a rollback brings rows back as they were, times and references included', async () => {
  const { node, revisions, create, patch, remove } = await world()
  const { id } = await create('services', db)
  await create('routes', { ...tcp, service: { id } })
  await create('plugins', { name: 'sample', route: { name: 'r' } })
  const then = node.entities.snapshot().rows
  await patch('services', 'db', { port: 1, name: 'other' })
  await remove('routes', 'r')
  await create('services', { ...db, name: 'db' })
  expect(await revisions.rollback(3, 'me again')).toEqual({ revision: 7, changes: 4 })
  expect(node.entities.snapshot().rows).toEqual(then)
  expect(await node.load()).toEqual({ revision: 7, rows: then })
  expect(await revisions.rollback(7, 'me')).toEqual({ revision: 7, changes: 0 })
  expect(await revisions.rollback(3, 'me')).toEqual({ revision: 7, changes: 0 })
  expect((await revisions.list({ size: 1 }))[0]).toMatchObject({ number: 7, author: 'me again' })
  expect(await revisions.rollback(0, 'me')).toEqual({ revision: 8, changes: 3 })
  expect(node.entities.snapshot().rows).toEqual(EntitySet.empty().snapshot().rows)
  expect(await revisions.rollback(5, 'me')).toMatchObject({ revision: 9 })
  expect(node.entities.named('services', 'other')).toMatchObject({ id, port: 1 })
})

test('names that were swapped are swapped back', async () => {
  const { node, revisions, create, patch } = await world()
  const [one, two] = [
    await create('services', { ...db, name: 'one' }),
    await create('services', { ...db, name: 'two' }),
  ]
  await patch('services', String(one['id']), { name: 'x' })
  await patch('services', String(two['id']), { name: 'one' })
  await patch('services', String(one['id']), { name: 'two' })
  await revisions.rollback(2, 'me')
  expect(node.entities.named('services', 'one')?.id).toBe(one['id'])
  expect(node.entities.named('services', 'two')?.id).toBe(two['id'])
})

test('revisions are shown, and the difference between any two, either way round', async () => {
  const { revisions, create, patch, remove } = await world()
  await create('services', db)
  await patch('services', 'db', { port: 1 })
  await patch('services', 'db', { port: 2 })
  await remove('services', 'db')
  expect(await revisions.show(2)).toMatchObject({
    number: 2,
    author: 'me',
    changes: [{ op: 'update', name: 'db', before: { port: 5432 }, after: { port: 1 } }],
  })
  expect(await revisions.diff(1, 3)).toMatchObject({
    changes: [{ op: 'update', before: { port: 5432 }, after: { port: 2 } }],
  })
  expect(await revisions.diff(3, 1)).toMatchObject({
    changes: [{ op: 'update', before: { port: 2 }, after: { port: 5432 } }],
  })
  expect(await revisions.diff(0)).toEqual({ from: 0, to: 4, changes: [] })
  expect(await revisions.diff(3)).toMatchObject({ to: 4, changes: [{ op: 'delete' }] })
})

test('what never was, and what is no longer remembered, are told apart', async () => {
  const { node, revisions, create } = await world(2)
  for (let port = 1; port <= 4; port += 1) await create('services', { host: 'h', port })
  await expect(revisions.rollback(5, 'me')).rejects.toThrow(
    new RevisionError('unknown', 'there is no revision 5'),
  )
  await expect(revisions.show(5)).rejects.toMatchObject({ reason: 'unknown' })
  await expect(revisions.show(1)).rejects.toMatchObject({ reason: 'forgotten' })
  await expect(revisions.rollback(2, 'me')).rejects.toMatchObject({
    reason: 'forgotten',
    message: 'revision 2 is no longer remembered',
  })
  await expect(revisions.rollback(0, 'me')).rejects.toMatchObject({ reason: 'forgotten' })
  await expect(revisions.diff(1, 4)).rejects.toMatchObject({ reason: 'forgotten' })
  expect(node.entities.revision).toBe(4)
  expect(await revisions.rollback(3, 'me')).toEqual({ revision: 5, changes: 1 })
})

test('a revision whose record is damaged cannot be shown or taken back', async () => {
  const { node, revisions, create } = await world()
  await create('services', db)
  await create('services', { ...db, name: 'two' })
  await node.query(`update revisions set undo = null where number = 2`)
  await expect(revisions.show(2)).rejects.toThrow('what is stored of revision 2 is damaged')
  await expect(revisions.rollback(1, 'me')).rejects.toThrow('revision 2 is damaged')
})

test('what the gateway of now does not take is refused, by its row, and nothing has changed', async () => {
  const { node, create, remove, revisions } = await world()
  const { id } = await create('plugins', { name: 'sample' })
  await remove('plugins', String(id))
  const without = { ...context, plugins: { find: () => undefined, names: () => [] } }
  const later = openRevisions(node, without)
  await expect(later?.rollback(1, 'me')).rejects.toMatchObject({
    reason: 'impossible',
    message: expect.stringContaining(`plugins ${String(id)} cannot be brought back`),
  })
  expect(node.entities.snapshot()).toMatchObject({ revision: 2, rows: { plugins: [] } })
  node.veto = new EntityError(2, 'schema violation (sample: no)')
  await expect(revisions.rollback(1, 'me')).rejects.toThrow('sample: no')
  expect(node.entities.revision).toBe(2)
})

test('a row that something else refers to by now does not go', async () => {
  const { node, create, plan } = await world()
  const { id } = await create('services', db)
  await create('routes', { ...tcp, service: { id } })
  const row = { entity: 'services', id: String(id), before: undefined, after: undefined } as const
  expect(() => planRollback(node.entities, plan, [row])).toThrow(`refers to services ${String(id)}`)
  expect(node.entities.count('services')).toBe(1)
})

test('a change that comes between is taken back, too', async () => {
  const { node, create, revisions } = await world()
  await create('services', db)
  await create('services', { ...db, name: 'two' })
  node.before = async () => {
    node.before = undefined
    await create('services', { ...db, name: 'three' })
  }
  expect(await revisions.rollback(1, 'me')).toEqual({ revision: 4, changes: 2 })
  expect(node.entities.count('services')).toBe(1)
})

test('the command asks by numbers', async () => {
  const { create, revisions } = await world()
  await create('services', db)
  const ask = (path: Parameters<typeof callRevisions>[0], body: unknown, of?: Revisions) =>
    callRevisions(path, of, body)
  expect(await ask('/revisions', { count: 5 }, revisions)).toMatchObject({
    revisions: [{ number: 1 }],
  })
  expect(await ask('/revisions/diff', { from: 0 }, revisions)).toMatchObject({ from: 0, to: 1 })
  expect(await ask('/revisions/diff', { from: 1, to: 0 }, revisions)).toMatchObject({ to: 0 })
  await expect(ask('/revisions/diff', { from: '1' }, revisions)).rejects.toThrow('from')
  await expect(ask('/revisions/rollback', undefined, revisions)).rejects.toThrow('revision')
  await expect(ask('/revisions', { count: 5 })).rejects.toThrow('without a database')
  expect(await ask('/revisions/rollback', { revision: 0 }, revisions)).toMatchObject({
    revision: 2,
  })
  expect((await revisions.list({ size: 1 }))[0]).toMatchObject({ author: 'kong-ts' })
})
