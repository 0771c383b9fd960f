import type { Command } from 'commander'
import { CommandError } from '../errors/command-error.ts'
import { callControl } from '../node/control/control-client.ts'
import type { PluginListing } from '../node/control/control-contract.ts'
import { isPluginListings } from '../node/control/control-listings.ts'
import { suggest } from '../settings/did-you-mean.ts'
import { describePlugin } from './describe-plugin.ts'
import { type CommonOptions, readPrefix, readSettings, withConf } from './options.ts'
import { addNew } from './plugins-new.ts'
import { pluginsTable } from './plugins-table.ts'
import { addTest } from './plugins-test.ts'
import { refuseUnknown } from './refuse-unknown.ts'
import type { CommandContext, World } from './world.ts'

interface ListOptions extends CommonOptions {
  readonly json?: boolean
}

export function addPlugins(program: Command, context: CommandContext): void {
  const { world } = context
  const plugins = program
    .command('plugins')
    .description('the plugins that can be enabled, and those that you write')
    .helpCommand(false)
  withConf(plugins.command('list').description('one line for each plugin'))
    .option('--json', 'as JSON')
    .action(async (options: ListOptions) => {
      const { listings, running } = await findPlugins(options, world)
      const shown = running ? listings : listings.map((each) => ({ ...each, enabledOn: null }))
      world.terminal.write(
        options.json === true
          ? JSON.stringify(shown, null, 2)
          : pluginsTable(listings, { running, styled: world.terminal.styled }),
      )
    })
  withConf(plugins.command('show').description("a plugin's configuration"))
    .argument('<name>', 'name of the plugin')
    .action(async (name: string, options: CommonOptions) => {
      const { listings } = await findPlugins(options, world)
      world.terminal.write(describePlugin(findPlugin(listings, name), world.terminal))
    })
  addNew(plugins, world)
  addTest(plugins, context)
  refuseUnknown(plugins, context)
}

interface Found {
  readonly listings: readonly PluginListing[]
  /** Whether a node has answered: only it knows where the plugins are enabled. */
  readonly running: boolean
}

/** Asks the running node; where none runs, loads what the settings name. */
async function findPlugins(options: CommonOptions, world: World): Promise<Found> {
  try {
    const listings = await callControl(readPrefix(options, world), 'GET', '/plugins')
    if (isPluginListings(listings)) return { listings, running: true }
    throw new CommandError('REFUSED', 'the running node is of another version; restart it')
  } catch (error) {
    if (!(error instanceof CommandError) || error.code !== 'NOT_RUNNING') throw error
  }
  const { settings } = readSettings(options, world)
  return {
    listings: await world.loadPlugins(settings.plugins, { cwd: world.cwd }),
    running: false,
  }
}

function findPlugin(listings: readonly PluginListing[], name: string): PluginListing {
  const found = listings.find((listing) => listing.name === name)
  if (found !== undefined) return found
  const meant = suggest(
    name,
    listings.map((listing) => listing.name),
  )
  const hint = meant === undefined ? '' : `. Did you mean ${meant}?`
  throw new Error(`No such plugin: ${name}${hint}`)
}
