import type { Command } from 'commander'
import { callControl } from '../node/control/control-client.ts'
import { type CommonOptions, readPrefix, withConf } from './options.ts'
import type { CommandContext } from './world.ts'

export function addReload(program: Command, { world }: CommandContext): void {
  withConf(program.command('reload').description('reload a running node, as SIGHUP does')).action(
    async (options: CommonOptions) => {
      await callControl(readPrefix(options, world), 'POST', '/reload')
      world.terminal.write('kong-ts reloaded')
    },
  )
}
