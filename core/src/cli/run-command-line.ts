import { Command, CommanderError } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { messageOf } from '../errors/message-of.ts'
import { SettingsError } from '../errors/settings-error.ts'
import { addConfig } from './config.ts'
import { addCheck } from './check.ts'
import { addDev } from './dev.ts'
import { addEcho } from './echo.ts'
import { addHealth } from './health.ts'
import { addMigrations } from './migrations.ts'
import { addPlugins } from './plugins.ts'
import { addQuit } from './quit.ts'
import { addReload } from './reload.ts'
import { addRestart } from './restart.ts'
import { addStart } from './start.ts'
import { addStop } from './stop.ts'
import { refuseUnknown } from './refuse-unknown.ts'
import { addVersion } from './version.ts'
import type { CommandContext, World } from './world.ts'

const commands = [
  addStart,
  addStop,
  addQuit,
  addReload,
  addRestart,
  addHealth,
  addCheck,
  addPlugins,
  addConfig,
  addMigrations,
  addDev,
  addEcho,
  addVersion,
] as const satisfies readonly ((program: Command, context: CommandContext) => void)[]

/** Runs one command of `kong-ts`, and gives its exit code. */
export async function runCommandLine(args: readonly string[], world: World): Promise<number> {
  let code = 0
  const context: CommandContext = {
    world,
    finish: (given) => {
      code = given
    },
  }
  try {
    await makeProgram(context).parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    return reportFailure(error, args, world)
  }
}

function makeProgram(context: CommandContext): Command {
  const { terminal } = context.world
  const program = new Command('kong-ts')
    .description('A layer-4 gateway in TypeScript.')
    .version(manifest.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: (text) => terminal.error(text),
      getOutHasColors: () => terminal.styled,
    })
    .helpCommand(false)
  for (const add of commands) add(program, context)
  refuseUnknown(program, context)
  return program
}

/** One line for each thing that is wrong; where the code broke only when asked for. */
function reportFailure(error: unknown, args: readonly string[], { terminal }: World): number {
  // Commander has said what is wrong already, or has shown the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode
  const problems = error instanceof SettingsError ? error.problems : [messageOf(error)]
  for (const problem of problems) terminal.error(`Error: ${problem}`)
  if (args.includes('--vv') && error instanceof Error) terminal.error(error.stack ?? '')
  return 1
}
