import type { Command } from 'commander'
import { messageOf } from '../errors/message-of.ts'
import { SettingsError } from '../errors/settings-error.ts'
import { resolveSettings } from '../settings/resolve-settings.ts'
import { confFile } from './options.ts'
import type { CommandContext, World } from './world.ts'

export function addCheck(program: Command, { world, finish }: CommandContext): void {
  program
    .command('check')
    .description('check a configuration file and the environment; unknown settings are errors')
    .argument('[conf]', 'configuration file')
    .action(async (conf: string | undefined) => finish(await check(conf, world)))
}

async function check(conf: string | undefined, world: World): Promise<number> {
  const { terminal, env, cwd } = world
  const file = confFile(conf, cwd)
  try {
    const { settings, warnings } = resolveSettings({ file, env, cwd, strict: true })
    for (const warning of warnings) terminal.error(`[warn] ${warning}`)
    await loadPlugins(settings.plugins, world)
    terminal.write(
      `configuration ${file === undefined ? 'of the environment' : `at ${file}`} is valid`,
    )
    return 0
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    for (const problem of error.problems) terminal.error(`[error] ${problem}`)
    return 1
  }
}

/** A plugin that cannot be loaded keeps a node from starting as a wrong setting does. */
async function loadPlugins(specifiers: readonly string[], world: World): Promise<void> {
  try {
    await world.loadPlugins(specifiers, { cwd: world.cwd })
  } catch (error) {
    throw new SettingsError([`plugins: ${messageOf(error)}`])
  }
}
