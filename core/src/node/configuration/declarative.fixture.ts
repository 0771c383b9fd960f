import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyHash } from '../../declarative/hash-document.ts'
import { EntitySet } from '../../entities/entity-set.ts'
import type { Plan } from '../../entities/plan.ts'
import { testContext } from '../../entities/world.fixture.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import { DeclarativeConfig } from './declarative-config.ts'

/**
 * A node without a database, without workers.
 * @param prepare what the workers do before a change is kept
 */
export async function declarativeNode(prepare: () => Promise<void> = async () => undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'declarative-'))
  const file = join(folder, 'kept.json')
  const store = await MemoryStore.open(file, emptyHash)
  const entities = EntitySet.from(await store.load())
  const write = async <R>(plan: (set: EntitySet) => Plan<R>): Promise<R> => {
    const { changes, result } = plan(entities)
    if (changes.length === 0) return result
    await prepare()
    const base = entities.revision
    await store.commit({ base, revision: base + 1, changes })
    entities.apply(changes, base + 1)
    return result
  }
  const context = testContext()
  return {
    folder,
    entities,
    write,
    context,
    config: new DeclarativeConfig({ entities, write }, store, context),
    kept: () => MemoryStore.open(file, emptyHash),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
