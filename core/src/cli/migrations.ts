import type { Command } from 'commander'
import { readSettings, type CommonOptions, withConf } from './options.ts'
import { refuseUnknown } from './refuse-unknown.ts'
import { embeddedActions } from './embedded-migrations.ts'
import { schemaActions, type MigrationsOptions } from './schema-actions.ts'
import { seconds } from './seconds.ts'
import type { CommandContext, World } from './world.ts'

const actions = {
  bootstrap: 'make the tables of an empty database',
  up: 'run new migrations',
  finish: 'run what is left of them once no older node runs any more',
  list: 'list the migrations: 0 up to date, 3 not bootstrapped, 4 pending, 5 new ones',
  reset: 'remove the tables, and the configuration with them',
  status: 'the state of the database as JSON',
} as const

type Action = keyof typeof actions

interface Flags extends CommonOptions {
  readonly yes?: boolean
  readonly quiet?: boolean
  readonly force?: boolean
  readonly dbTimeout?: number
  readonly lockTimeout: number
}

export function addMigrations(program: Command, context: CommandContext): void {
  const { world, finish } = context
  const migrations = program
    .command('migrations')
    .description('look after the tables of a database')
    .helpCommand(false)
  for (const [action, description] of Object.entries(actions)) {
    const command = withConf(migrations.command(action).description(description))
    withTimeouts(command)
      .option('-y, --yes', 'answer yes to questions')
      .option('-q, --quiet', 'print nothing')
      .option('-f, --force', 'also what has run already')
      .action(async (flags: Flags) => {
        if (isAction(action)) finish(await perform(action, flags, world))
      })
  }
  refuseUnknown(migrations, context)
}

export function withTimeouts(command: Command): Command {
  return command
    .option('--db-timeout <seconds>', 'time for each statement', seconds)
    .option('--lock-timeout <seconds>', 'time to wait for another node', seconds, 60_000)
}

async function perform(action: Action, flags: Flags, world: World): Promise<number> {
  const { settings } = readSettings(flags, world)
  const { terminal } = world
  const quiet = { ...terminal, write: () => undefined, error: () => undefined }
  const options: MigrationsOptions = {
    yes: flags.yes === true,
    force: flags.force === true,
    patience: flags.lockTimeout,
    terminal: flags.quiet === true ? quiet : terminal,
    database: settings.pg_database,
    ask: (question) => world.ask(question),
  }
  if (settings.database !== 'postgres') return embeddedActions[action](settings.database, options)
  const schema = await world.openSchema(settings, flags.dbTimeout)
  try {
    return await schemaActions[action](schema, options)
  } finally {
    await schema.close()
  }
}

function isAction(name: string): name is Action {
  return Object.hasOwn(actions, name)
}
