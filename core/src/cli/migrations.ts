import type { Command } from 'commander'
import { readSettings, type CommonOptions, withConf } from './options.ts'
import { refuseUnknown } from './refuse-unknown.ts'
import type { CommandContext } from './world.ts'

const actions = ['list', 'status', 'bootstrap', 'up', 'finish', 'reset'] as const

export function addMigrations(program: Command, context: CommandContext): void {
  const { world } = context
  const migrations = program
    .command('migrations')
    .description('migrate the store, where that is not done at each start')
    .helpCommand(false)
  for (const action of actions) {
    withConf(migrations.command(action)).action((options: CommonOptions) => {
      const { database } = readSettings(options, world).settings
      world.terminal.write(
        `Nothing to do: the ${database} store brings itself up to date at each start.`,
      )
    })
  }
  refuseUnknown(migrations, context)
}
