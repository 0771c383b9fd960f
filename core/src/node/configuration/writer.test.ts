import { expect, test } from 'vitest'
import { EntitySet } from '../../entities/entity-set.ts'
import type { Change } from '../../entities/rows.ts'
import { serviceRow } from '../../gateway/rows.fixture.ts'
import { StoreError, type Store } from '../../store/store.ts'
import { Veto } from '../workers/worker-link.ts'
import { Writer } from './writer.ts'

const change: Change = { op: 'put', entity: 'services', row: serviceRow('s') }
const plan = () => ({ changes: [change], result: 'written' })

function writerOf(failing: { prepare?: Error; commit?: Error } = {}) {
  const entities = EntitySet.empty()
  const steps: string[] = []
  const step = (name: string, error?: Error) => async () => {
    steps.push(name)
    if (error) throw error
  }
  const fleet = {
    exclusively: <T>(work: () => Promise<T>): Promise<T> => work(),
    prepare: step('prepare', failing.prepare),
    swap: step('swap'),
    discard: () => void steps.push('discard'),
  }
  const commit: Store['commit'] = step('commit', failing.commit)
  return { writer: new Writer(entities, { commit }, fleet), entities, steps }
}

test('a write is prepared, then stored, then followed, then answered', async () => {
  const { writer, entities, steps } = writerOf()
  expect(await writer.write(plan)).toBe('written')
  expect(steps).toEqual(['prepare', 'commit', 'swap'])
  expect(entities.revision).toBe(1)
  expect(entities.get('services', 's')).toBe(change.op === 'put' ? change.row : undefined)
})

test('a plan without changes touches nothing', async () => {
  const { writer, entities, steps } = writerOf()
  expect(await writer.write(() => ({ changes: [], result: 'same' }))).toBe('same')
  expect(steps).toEqual([])
  expect(entities.revision).toBe(0)
})

test('a veto is the fault of what was written', async () => {
  const { writer, entities, steps } = writerOf({ prepare: new Veto('plugin x: no') })
  const refused = writer.write(plan)
  await expect(refused).rejects.toMatchObject({ name: 'EntityError', status: 400 })
  await expect(refused).rejects.toThrow('plugin x: no')
  expect(steps).toEqual(['prepare'])
  expect(entities.count('services')).toBe(0)
})

test('what cannot be stored is discarded', async () => {
  const commit = new StoreError('unavailable', 'the disk is full')
  const { writer, entities, steps } = writerOf({ commit })
  await expect(writer.write(plan)).rejects.toMatchObject({ name: 'EntityError', code: 8 })
  expect(steps).toEqual(['prepare', 'commit', 'discard'])
  expect(entities.count('services')).toBe(0)
})

test('a planner that refuses has changed nothing', async () => {
  const { writer, steps } = writerOf()
  const refusing = () => {
    throw new Error('no such route')
  }
  await expect(writer.write(refusing)).rejects.toThrow('no such route')
  expect(steps).toEqual([])
})
