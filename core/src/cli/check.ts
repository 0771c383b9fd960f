import type { Command } from 'commander'
import { SettingsError } from '../errors/settings-error.ts'
import { resolveSettings } from '../settings/resolve-settings.ts'
import { confFile } from './options.ts'
import type { CommandContext, World } from './world.ts'

export function addCheck(program: Command, { world, finish }: CommandContext): void {
  program
    .command('check')
    .description('check a configuration file and the environment; unknown settings are errors')
    .argument('[conf]', 'configuration file')
    .action((conf: string | undefined) => finish(check(conf, world)))
}

function check(conf: string | undefined, { terminal, env, cwd }: World): number {
  const file = confFile(conf, cwd)
  try {
    const { warnings } = resolveSettings({ file, env, cwd, strict: true })
    for (const warning of warnings) terminal.error(`[warn] ${warning}`)
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
