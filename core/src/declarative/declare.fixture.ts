import { EntitySet } from '../entities/entity-set.ts'
import type { Fields } from '../entities/fields.ts'
import type { EntityName } from '../entities/rows.ts'
import { testContext, testTime } from '../entities/world.fixture.ts'
import { DeclarativeError } from './declarative-error.ts'
import { declare, planDeclaration, planImport } from './plan-declarative.ts'
import type { Declaration } from './plan-declarative.ts'
import { readText } from './read-text.ts'
import { runSteps } from './run-steps.ts'

/** A configuration that documents are loaded into, with a clock that is set by hand, in seconds. */
export function declaredWorld() {
  const set = EntitySet.empty()
  let now = testTime
  const context = { ...testContext(), now: () => now * 1000 }
  const read = (document: Fields | string): Declaration => {
    const fields = typeof document === 'string' ? readText(document) : document
    return runSteps(declare({ _format_version: '3.0', ...fields }, context))
  }
  return {
    set,
    context,
    wait: (seconds: number) => void (now += seconds),
    /** Loads a document; answers with what it changed. */
    load(document: Fields | string) {
      const { changes } = planDeclaration(set, read(document))
      set.apply(changes)
      return changes
    },
    add(document: Fields | string) {
      const { changes } = planImport(set, read(document))
      set.apply(changes)
      return changes
    },
    rows: <E extends EntityName>(entity: E) => set.list(entity, { size: Infinity }).rows,
    named: <E extends EntityName>(entity: E, name: string) => set.named(entity, name),
    /** The error of a document that is wrong. */
    refuse(document: Fields | string): DeclarativeError {
      try {
        read(document)
      } catch (error) {
        if (error instanceof DeclarativeError) return error
        throw error
      }
      throw new Error('nothing was wrong')
    },
  }
}
