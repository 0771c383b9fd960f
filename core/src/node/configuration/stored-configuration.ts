import { readFile } from 'node:fs/promises'
import { DeclarativeError } from '../../declarative/declarative-error.ts'
import { describeFaults } from '../../declarative/describe-faults.ts'
import { exportRows } from '../../declarative/export-rows.ts'
import { declare, planImport } from '../../declarative/plan-declarative.ts'
import type { Declaration } from '../../declarative/plan-declarative.ts'
import { readText } from '../../declarative/read-text.ts'
import { runSteps } from '../../declarative/run-steps.ts'
import type { PlanContext } from '../../entities/context.ts'
import { inverse } from '../../entities/differences.ts'
import { EntitySet } from '../../entities/entity-set.ts'
import { messageOf } from '../../errors/message-of.ts'
import type { Settings } from '../../settings/schema.ts'
import type { Store } from '../../store/store.ts'
import { commandAuthor } from './controlled-configuration.ts'
import { contextOf, openConfiguration } from './open-configuration.ts'
import { claimPrefix } from '../prefix.ts'

/** Documents and the database of a node that does not run. */
export interface StoredConfiguration {
  /** @throws Error with everything that is wrong with the file */
  parse(settings: Settings, file: string): Promise<void>
  /** What is stored, as a document. @throws CommandError `PREFIX_TAKEN` while a node runs */
  export(settings: Settings): Promise<string>
  /** Adds a document to what is stored, over rows with the same ids. @throws as both of the others */
  import(settings: Settings, file: string): Promise<void>
}

export function storedConfiguration(cwd: string): StoredConfiguration {
  const around = { cwd }
  return {
    async parse(settings, file) {
      await declareFile(file, await contextOf(settings, around))
    },
    async export(settings) {
      const context = await contextOf(settings, around)
      return withStore(settings, cwd, async (store) =>
        exportRows(EntitySet.from(await store.load()), context),
      )
    },
    async import(settings, file) {
      const declaration = await declareFile(file, await contextOf(settings, around))
      await withStore(settings, cwd, async (store) => {
        const set = EntitySet.from(await store.load())
        const { changes } = planImport(set, declaration)
        if (changes.length === 0) return
        const delta = { base: set.revision, revision: set.revision + 1, changes }
        await store.commit(delta, { author: commandAuthor, undo: inverse(set, changes) })
      })
    },
  }
}

/** @throws Error that begins with Kong's words for it */
async function declareFile(file: string, context: PlanContext): Promise<Declaration> {
  try {
    return runSteps(declare(readText(await readFile(file, 'utf8'), file), context))
  } catch (error) {
    const why = error instanceof DeclarativeError ? describeFaults(error.details) : messageOf(error)
    throw new Error(`Failed parsing:\n${why}`, { cause: error })
  }
}

async function withStore<T>(
  settings: Settings,
  cwd: string,
  act: (store: Store) => Promise<T>,
): Promise<T> {
  await using parts = new AsyncDisposableStack()
  parts.adopt(claimPrefix(settings.prefix), (claim) => claim.release())
  const { store } = await openConfiguration(settings, { cwd })
  return await act(parts.adopt(store, (open) => open.close()))
}
