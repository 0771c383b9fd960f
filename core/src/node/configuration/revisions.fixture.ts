import { onTestFinished } from 'vitest'
import { EntitySet } from '../../entities/entity-set.ts'
import type { Plan } from '../../entities/plan.ts'
import { migrate, readMigrations } from '../../store/migrate.ts'
import { createSqlStore } from '../../store/sql-store.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { Writer } from './writer.ts'

/** For the tests: a node without workers on a store that remembers so many revisions. */
export async function recordedNode(count: number) {
  const database = openSqlite(':memory:')
  onTestFinished(() => database.close())
  await migrate(database, await readMigrations())
  const store = await createSqlStore('embedded', database, { count, age: 60_000 })
  const entities = EntitySet.from(await store.load())
  const writer = new Writer(entities, store, {
    exclusively: (work) => work(),
    prepare: async () => {
      if (node.veto) throw node.veto
    },
    swap: async () => undefined,
    discard: () => undefined,
  })
  const node = {
    entities,
    history: store.history,
    /** What the workers say of the next change. */
    veto: undefined as Error | undefined,
    /** Happens before the next change. */
    before: undefined as (() => Promise<void>) | undefined,
    load: () => store.load(),
    query: (text: string) => database.query(text),
    async write<R>(plan: (set: EntitySet) => Plan<R>, author?: string): Promise<R> {
      await node.before?.()
      return writer.write(plan, author)
    },
  }
  return node
}
