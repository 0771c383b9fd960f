import { type Command, Option } from 'commander'
import { startDetached } from './start-detached.ts'
import { withTimeouts } from './migrations.ts'
import { readSettings, type StartOptions, withConf } from './options.ts'
import { prepareSchema } from './schema-actions.ts'
import { startScreen } from './start-screen.ts'
import { obeySignals } from './obey-signals.ts'
import type { Settings } from '../settings/schema.ts'
import type { CommandContext, World } from './world.ts'

export function addStart(program: Command, { world, finish }: CommandContext): void {
  withStartOptions(program.command('start').description('start the gateway')).action(
    async (options: StartOptions) => finish(await start(options, world)),
  )
}

export function withStartOptions(command: Command): Command {
  return withTimeouts(withConf(command))
    .option('--run-migrations', 'bring the tables of the database up to date first')
    .option('-d, --detach', 'run in the background, with log files in the prefix')
    .addOption(new Option('--quiet').hideHelp())
}

/** Runs the gateway to its end, or leaves it running in the background; gives the exit code. */
export async function start(options: StartOptions, world: World): Promise<number> {
  const { settings, warnings } = readSettings(options, world)
  if (options.detach === true) {
    complain(warnings, world)
    return startDetached(settings, options, world)
  }

  if (options.runMigrations === true) await runMigrations(settings, options, world)
  const gateway = await world.startGateway(settings, {
    warnings,
    reread: () => readSettings(options, world),
  })
  if (options.quiet === true) complain(gateway.report.warnings, world)
  else world.terminal.write(startScreen(gateway.report))
  const disobey = obeySignals(gateway, world)
  try {
    return await gateway.ended
  } finally {
    disobey()
  }
}

/** A store that is not on a server brings itself up to date. */
async function runMigrations(
  settings: Settings,
  { dbTimeout, lockTimeout }: StartOptions,
  world: World,
): Promise<void> {
  if (settings.database !== 'postgres') return
  const schema = await world.openSchema(settings, dbTimeout)
  try {
    await prepareSchema(schema, {
      yes: true,
      force: false,
      patience: lockTimeout,
      terminal: world.terminal,
      database: settings.pg_database,
      ask: () => undefined,
    })
  } finally {
    await schema.close()
  }
}

function complain(warnings: readonly string[], { terminal }: World): void {
  for (const warning of warnings) terminal.error(`warning: ${warning}`)
}
