import { exportRows } from '../../declarative/export-rows.ts'
import { declare, planImport } from '../../declarative/plan-declarative.ts'
import { readTextAside } from '../../declarative/read-aside.ts'
import { runStepsApart } from '../../declarative/run-steps.ts'
import type { PlanContext } from '../../entities/context.ts'
import type { ControlHandlers } from '../control/control-contract.ts'
import type { DeclarativeConfig } from './declarative-config.ts'
import type { Node } from '../node.ts'

/** Kong's words for commands that are for a database. */
export const onlyWithDatabase = {
  import:
    "'kong config db_import' only works with a database.\n" +
    'When using database=off, reload your declarative configuration\n' +
    'using the /config endpoint.',
  export: "'kong config db_export' only works with a database.",
} as const

/** Whose the changes are that are made by the `kong-ts` command. */
export const commandAuthor = 'kong-ts'

/** What a running node does for `kong-ts config`. */
export function controlledConfiguration(
  node: Pick<Node, 'entities' | 'write'>,
  context: PlanContext,
  declarative: DeclarativeConfig | undefined,
): ControlHandlers['configuration'] {
  return {
    export: () => {
      if (declarative) throw new Error(onlyWithDatabase.export)
      return exportRows(node.entities, context)
    },
    import: async (text, file) => {
      if (declarative) throw new Error(onlyWithDatabase.import)
      const declaration = await runStepsApart(declare(await readTextAside(text, file), context))
      await node.write((set) => planImport(set, declaration), commandAuthor)
    },
  }
}
