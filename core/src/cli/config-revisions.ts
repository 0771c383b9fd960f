import { InvalidArgumentError, type Command } from 'commander'
import { callControl } from '../node/control/control-client.ts'
import { type CommonOptions, readPrefix, withPrefix } from './options.ts'
import { diffText, historyTable, rollbackText } from './revision-texts.ts'
import type { World } from './world.ts'

interface Shown extends CommonOptions {
  readonly json?: boolean
}

/** How many revisions are listed when nobody says how many. */
const fewest = 20

/** A rollback may bring back a large configuration, which every worker sets up; in milliseconds. */
const patience = 600_000

/** `config history | diff | rollback`: asked of the node that runs, which has the database. */
export function addRevisions(config: Command, world: World): void {
  const ask = (options: CommonOptions, path: string, body: object): Promise<unknown> =>
    callControl(readPrefix(options, world), 'POST', path, body, { patience })
  withPrefix(config.command('history').description('the latest changes, the newest first'))
    .option('-n, --count <count>', 'how many', atLeastOne, fewest)
    .option('--json', 'as JSON')
    .action(async ({ count, ...options }: Shown & { readonly count: number }) => {
      const answer = await ask(options, '/revisions', { count })
      show(answer, options, world, (given) => historyTable(given, world.terminal))
    })
  withPrefix(config.command('diff').description('what is another between two revisions'))
    .argument('<from>', 'the number of a revision, 0 for the beginning', revision)
    .argument('[to]', 'the number of another (default: what is served now)', revision)
    .option('--json', 'as JSON')
    .action(async (from: number, to: number | undefined, options: Shown) => {
      const answer = await ask(options, '/revisions/diff', { from, to })
      show(answer, options, world, diffText)
    })
  withPrefix(
    config
      .command('rollback')
      .description('bring the configuration of a revision back, as a new one'),
  )
    .argument('<revision>', 'its number, 0 for the beginning', revision)
    .action(async (to: number, options: CommonOptions) => {
      const answer = await ask(options, '/revisions/rollback', { revision: to })
      world.terminal.write(rollbackText(to, answer))
    })
}

function show(
  answer: unknown,
  { json }: Shown,
  { terminal }: World,
  text: (answer: unknown) => string,
): void {
  terminal.write(json === true ? JSON.stringify(answer, null, 2) : text(answer))
}

function revision(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is the number of a revision.')
}

function atLeastOne(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a number from 1.')
}
