import { carryOver, sameWritten, withoutCarried } from '../../entities/carried.ts'
import type { PlanContext } from '../../entities/context.ts'
import { definitions } from '../../entities/definitions/index.ts'
import { draftRow } from '../../entities/draft.ts'
import { deleteChange, putChange, type EntitySet } from '../../entities/entity-set.ts'
import type { RowChange } from '../../entities/fold-changes.ts'
import type { Plan } from '../../entities/plan.ts'
import type { Change, EntityName, Row } from '../../entities/rows.ts'
import { messageOf } from '../../errors/message-of.ts'
import { faultOfChanges } from '../../store/memory-constraints.ts'
import { RevisionError } from './revision-error.ts'

/**
 * Takes changes back, times included: each row becomes again what it was before, checked as if it was written now, in
 * the configuration that comes of it. What rows carry beside what is written stays as it is. The result is how many rows are changed.
 * @throws RevisionError `impossible`, naming the row that cannot be brought back
 */
export function planRollback(
  set: EntitySet,
  context: PlanContext,
  rows: readonly RowChange[],
): Plan<number> {
  const written = rows.filter(
    ({ entity, before, after }) => !before || !sameWritten(entity, before, after),
  )
  const gone = written.flatMap(({ entity, id, before }) =>
    before ? [] : [deleteChange(entity, id)],
  )
  const back = written.flatMap(({ entity, before, after }) =>
    before ? [putChange(entity, carryOver(entity, after, before))] : [],
  )
  const changes = [...gone, ...back]
  const { revision } = set
  let undo: readonly Change[] = []
  try {
    // Nobody sees this: a planner is not interrupted.
    const fault = faultOfChanges(set, changes, () => {
      undo = set.apply(changes, revision)
    })
    if (fault !== undefined) throw new RevisionError('impossible', fault)
    const drafted = back.map((change) =>
      change.op === 'put' ? redraft(set, context, change) : change,
    )
    return { changes: [...gone, ...drafted], result: changes.length }
  } finally {
    set.apply(undo, revision)
  }
}

/** The row as a write makes it today: its plugin may have another schema by now, or be gone. */
function redraft(
  set: EntitySet,
  context: PlanContext,
  { entity, row }: { readonly entity: EntityName; readonly row: Row },
): Change {
  const draft = {
    definition: definitions[entity],
    body: withoutCarried(entity, row),
    restored: true,
  } as const
  try {
    return putChange(entity, carryOver(entity, row, draftRow(set, context, draft)))
  } catch (error) {
    const message = `${entity} ${row.id} cannot be brought back: ${messageOf(error)}`
    throw new RevisionError('impossible', message, { cause: error })
  }
}
