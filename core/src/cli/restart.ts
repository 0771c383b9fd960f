import type { Command } from 'commander'
import { CommandError } from '../errors/command-error.ts'
import { readSettings, type StartOptions } from './options.ts'
import { start, withStartOptions } from './start.ts'
import { stop } from './stop.ts'
import type { CommandContext } from './world.ts'

export function addRestart(program: Command, { world, finish }: CommandContext): void {
  withStartOptions(
    program.command('restart').description('stop a node if one runs, then start it'),
  ).action(async (options: StartOptions) => {
    // Wrong settings are found before a working node is stopped.
    const { prefix } = readSettings(options, world).settings
    if (await stopIfRunning(prefix)) world.terminal.write('kong-ts stopped')
    finish(await start(options, world))
  })
}

async function stopIfRunning(prefix: string): Promise<boolean> {
  try {
    await stop(prefix)
    return true
  } catch (error) {
    if (error instanceof CommandError && error.code === 'NOT_RUNNING') return false
    throw error
  }
}
