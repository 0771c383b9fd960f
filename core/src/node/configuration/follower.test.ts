import { expect, test } from 'vitest'
import { EntitySet } from '../../entities/entity-set.ts'
import { planCreate } from '../../entities/plan.ts'
import type { Change, Delta, Snapshot } from '../../entities/rows.ts'
import { testContext } from '../../entities/world.fixture.ts'
import { serviceRow } from '../../gateway/rows.fixture.ts'
import { StoreError, type Shared, type Watcher } from '../../store/store.ts'
import { Follower } from './follower.ts'
import { logOf } from '../node.fixture.ts'
import { Veto } from '../workers/worker-link.ts'
import { Writer } from './writer.ts'

const service = (id: string): Change => ({ op: 'put', entity: 'services', row: serviceRow(id) })

/** A store in memory in which another node can write; `gap` forgets what was before. */
function sharedStore() {
  const set = EntitySet.empty()
  const history: Delta[] = []
  const kept: (number | undefined)[] = []
  let watcher: Watcher | undefined
  let forgotten = 0
  let damage: StoreError | undefined
  const commit = async ({ base, changes }: Delta): Promise<void> => {
    if (base !== set.revision) throw new StoreError('conflict', 'somebody was faster')
    set.apply(changes)
    history.push({ base, revision: base + 1, changes })
    watcher?.changed(base + 1, 'told')
  }
  const shared: Shared = {
    health: { reachable: true },
    since: async (revision) =>
      revision < forgotten || revision > set.revision
        ? undefined
        : history.filter((delta) => delta.base >= revision),
    reload: async (): Promise<Snapshot> => {
      if (damage) throw damage
      return set.snapshot()
    },
    watch: (given) => void (watcher = given),
    keep: async (snapshot, delta) => void kept.push(delta?.revision ?? snapshot().revision),
  }
  return {
    shared,
    commit,
    kept,
    other: (...changes: Change[]) => commit({ base: set.revision, revision: 0, changes }),
    empty: () => void set.apply([{ op: 'delete', entity: 'services', id: 'a' }], 0),
    /** A notification that is slower than what it tells of. */
    deafen: () => void (watcher = undefined),
    forget: () => void (forgotten = set.revision),
    damage: (error: StoreError | undefined) => void (damage = error),
    watcher: () => watcher,
  }
}

function nodeOn({ shared, commit }: ReturnType<typeof sharedStore>) {
  const entities = EntitySet.empty()
  const { log, lines } = logOf()
  const vetoed = new Set<string>()
  const prepared: number[] = []
  let turn: Promise<unknown> = Promise.resolve()
  const fleet = {
    exclusively: <T>(work: () => Promise<T>): Promise<T> => {
      const mine = turn.then(work)
      turn = mine.catch(() => undefined)
      return mine
    },
    prepare: async ({ revision, changes }: Delta) => {
      const last = new Map(
        changes.map((change) => [change.op === 'put' ? change.row.id : change.id, change.op]),
      )
      const culprit = [...vetoed].find((id) => last.get(id) === 'put')
      if (culprit) throw new Veto(`${culprit} is not loaded here`)
      prepared.push(revision)
    },
    swap: async () => undefined,
    discard: () => undefined,
  }
  const follower = new Follower({ entities, shared, fleet, log })
  return {
    entities,
    follower,
    lines,
    vetoed,
    prepared,
    writer: new Writer(entities, { commit }, fleet, follower),
  }
}

const ids = (set: EntitySet) => set.snapshot().rows.services.map(({ id }) => id)

test('what another node writes is followed in order, kept, and told once', async () => {
  const store = sharedStore()
  const { entities } = nodeOn(store)
  await store.other(service('a'))
  await store.other(service('b'))
  await expect.poll(() => entities.revision).toBe(2)
  expect(ids(entities)).toEqual(['a', 'b'])
  expect(store.kept.at(-1)).toBe(2)
})

test('across a gap the whole is loaded, and only what differs is prepared', async () => {
  const store = sharedStore()
  const { entities, follower, prepared } = nodeOn(store)
  await store.other(service('a'))
  await expect.poll(() => entities.revision).toBe(1)
  for (const id of ['b', 'c'])
    await store.commit({ base: id === 'b' ? 1 : 2, revision: 0, changes: [service(id)] })
  store.forget()
  expect(await follower.catchUp()).toBe(true)
  expect([entities.revision, ids(entities)]).toEqual([3, ['a', 'b', 'c']])
  expect(prepared.at(-1)).toBe(3)
  expect(await follower.catchUp()).toBe(false)
})

test('what cannot be built here leaves everything as it was, until a later change can be', async () => {
  const store = sharedStore()
  const node = nodeOn(store)
  node.vetoed.add('bad')
  await store.other(service('good'))
  await store.other(service('bad'))
  await expect.poll(() => node.follower.behind).toBeDefined()
  expect(node.follower.behind).toEqual({ revision: 2, error: 'bad is not loaded here' })
  expect(node.entities.revision).toBeLessThan(2)
  const refused = node.writer.write(() => ({ changes: [service('mine')], result: 1 }))
  await expect(refused).rejects.toMatchObject({
    code: 8,
    message: expect.stringContaining('bad is not loaded'),
  })
  store.watcher()?.changed(2, 'seen')
  await store.other({ op: 'delete', entity: 'services', id: 'bad' })
  await expect.poll(() => node.entities.revision).toBe(3)
  expect([ids(node.entities), node.follower.behind]).toEqual([['good'], undefined])
  const told = node.lines.filter(({ msg }) => String(msg).includes('cannot be served by this node'))
  expect(told).toHaveLength(1)
})

test('a database that was emptied ends no traffic: the node says so, and waits for its restart', async () => {
  const store = sharedStore()
  const { entities, follower, lines } = nodeOn(store)
  await store.other(service('a'))
  await expect.poll(() => entities.revision).toBe(1)
  store.empty()
  await expect(follower.catchUp()).rejects.toThrow('the database is empty')
  expect([ids(entities), follower.behind?.revision]).toEqual([['a'], 0])
  expect(lines.filter(({ msg }) => String(msg).includes('the database is empty'))).toHaveLength(1)
})

test('a row that was edited into nonsense ends no traffic: the node says so until it is mended', async () => {
  const store = sharedStore()
  const { entities, follower, lines } = nodeOn(store)
  await store.other(service('a'))
  await expect.poll(() => entities.revision).toBe(1)
  store.damage(new StoreError('corrupt', 'the stored row services b is damaged'))
  const noticing = store.watcher()
  store.deafen()
  await store.commit({ base: 1, revision: 0, changes: [service('b')] })
  store.forget()
  noticing?.changed(2, 'seen')
  await expect.poll(() => follower.behind).toBeDefined()
  expect(follower.behind).toEqual({
    revision: 2,
    error: 'the stored row services b is damaged',
  })
  expect(ids(entities)).toEqual(['a'])
  noticing?.changed(2, 'seen')
  await expect(follower.catchUp()).rejects.toThrow('services b is damaged')
  const told = lines.filter(({ msg }) => String(msg).includes('services b is damaged'))
  expect(told).toHaveLength(1)
  store.damage(undefined)
  expect(await follower.catchUp()).toBe(true)
  expect([ids(entities), follower.behind]).toEqual([['a', 'b'], undefined])
})

test('who was overtaken makes the change anew on what was done meanwhile', async () => {
  const store = sharedStore()
  const { entities, writer } = nodeOn(store)
  let plans = 0
  store.deafen()
  await store.commit({ base: 0, revision: 0, changes: [service('theirs')] })
  const result = await writer.write((set) => {
    plans += 1
    return { changes: [service('mine')], result: set.count('services') }
  })
  expect([result, plans, ids(entities)]).toEqual([1, 2, ['mine', 'theirs']])
})

test('what a plan misses may have been written elsewhere a moment ago', async () => {
  const store = sharedStore()
  const { writer } = nodeOn(store)
  const context = testContext()
  const elsewhere = EntitySet.empty()
  store.deafen()
  const made = planCreate(elsewhere, context, 'services', {
    name: 's',
    host: 'h',
    protocol: 'tcp',
    port: 1,
  })
  await store.commit({ base: 0, revision: 0, changes: made.changes })
  const route = { protocols: ['tcp'], destinations: [{ port: 1 }], service: { name: 's' } }
  const body = { ...route, service: { id: made.result['id'] } }
  await writer.write((set) => planCreate(set, context, 'routes', body))
  const wrong = { ...body, service: { id: context.uuid() } }
  await expect(
    writer.write((set) => planCreate(set, context, 'routes', wrong)),
  ).rejects.toMatchObject({ code: 4 })
})

test('that the store goes away and comes back is logged', () => {
  const store = sharedStore()
  const { lines } = nodeOn(store)
  store.watcher()?.health({ reachable: false, error: 'no answer' })
  store.watcher()?.health({ reachable: true })
  expect(lines.map(({ level, error }) => [level, error])).toEqual([
    ['error', 'no answer'],
    ['notice', undefined],
  ])
})
