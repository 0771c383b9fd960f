import { type Command, InvalidArgumentError } from 'commander'
import { CommandError } from '../errors/command-error.ts'
import { callControl } from '../node/control/control-client.ts'
import { readDuration } from '../settings/units.ts'
import { type CommonOptions, readPrefix, withPrefix } from './options.ts'
import { waitUntilGone } from './wait-until-gone.ts'
import type { CommandContext } from './world.ts'

interface QuitOptions extends CommonOptions {
  /** Milliseconds. */
  readonly timeout: number
}

/** Kong's default, and what a node may need to close when its time is up; in milliseconds. */
const defaultTimeout = 10_000
const closing = 15_000

export function addQuit(program: Command, { world }: CommandContext): void {
  withPrefix(program.command('quit').description('stop a running node gracefully'))
    .option(
      '-t, --timeout <time>',
      'how long live connections may go on; a bare number is seconds (default: 10)',
      parseTimeout,
      defaultTimeout,
    )
    .action(async (options: QuitOptions) => {
      const prefix = readPrefix(options, world)
      const asked = Date.now()
      await callControl(prefix, 'POST', '/stop', { how: 'quit', timeout_ms: options.timeout })
      if (!(await waitUntilGone(prefix, options.timeout + closing))) {
        throw new CommandError('REFUSED', `kong-ts at ${prefix} did not stop`)
      }
      const forced = Date.now() - asked >= options.timeout
      world.terminal.write(
        forced ? 'Timeout, kong-ts stopped forcefully' : 'kong-ts stopped (gracefully)',
      )
    })
}

function parseTimeout(text: string): number {
  const milliseconds = readDuration(text)
  if (milliseconds !== undefined) return milliseconds
  throw new InvalidArgumentError('Not a duration such as 10s or 500ms.')
}
