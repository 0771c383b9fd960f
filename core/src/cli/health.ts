import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { CommandError } from '../errors/command-error.ts'
import { callControl } from '../node/control/control-client.ts'
import { type CommonOptions, readPrefix, withPrefix } from './options.ts'
import type { CommandContext } from './world.ts'

export function addHealth(program: Command, { world }: CommandContext): void {
  withPrefix(program.command('health').description('say whether a node runs')).action(
    async (options: CommonOptions) => {
      const prefix = readPrefix(options, world)
      if (!existsSync(prefix)) throw new CommandError('NOT_RUNNING', `no such prefix: ${prefix}`)
      if (!isReady(await callControl(prefix, 'GET', '/status'))) {
        throw new CommandError('REFUSED', `kong-ts is stopping at ${prefix}`)
      }
      world.terminal.write(`kong-ts is healthy at ${prefix}`)
    },
  )
}

function isReady(status: unknown): boolean {
  return (
    typeof status === 'object' && status !== null && !('ready' in status && status.ready === false)
  )
}
