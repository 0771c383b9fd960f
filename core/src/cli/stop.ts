import type { Command } from 'commander'
import { CommandError } from '../errors/command-error.ts'
import { callControl } from '../node/control/control-client.ts'
import { type CommonOptions, readPrefix, withPrefix } from './options.ts'
import { waitUntilGone } from './wait-until-gone.ts'
import type { CommandContext } from './world.ts'

/** The longest `drain_timeout`, and time to close what is left; in milliseconds. */
const longestDrain = 3_615_000

export function addStop(program: Command, { world }: CommandContext): void {
  withPrefix(program.command('stop').description('stop a running node, as SIGTERM does')).action(
    async (options: CommonOptions) => {
      await stop(readPrefix(options, world))
      world.terminal.write('kong-ts stopped')
    },
  )
}

/** Asks the node to stop, and waits until its process is gone. */
export async function stop(prefix: string): Promise<void> {
  await callControl(prefix, 'POST', '/stop', { how: 'stop' })
  if (await waitUntilGone(prefix, longestDrain)) return
  throw new CommandError('REFUSED', `kong-ts at ${prefix} did not stop`)
}
