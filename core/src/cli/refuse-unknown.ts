import { type Command, CommanderError } from 'commander'
import { suggest } from '../settings/did-you-mean.ts'
import type { CommandContext } from './world.ts'

/** Answers a command that is not there with the usage and, where one is near, the command that was meant. */
export function refuseUnknown(program: Command, { world }: CommandContext): void {
  program.on('command:*', ([name = '']: string[]) => {
    const owner = program.parent === null ? '' : ` for ${program.name()}`
    const meant = suggest(
      name,
      program.commands.map((command) => command.name()),
    )
    world.terminal.error(program.helpInformation({ error: true }))
    world.terminal.error(`No such command${owner}: ${name}`)
    if (meant !== undefined) world.terminal.error(`Did you mean ${meant}?`)
    throw new CommanderError(1, 'commander.unknownCommand', `No such command${owner}: ${name}`)
  })
}
