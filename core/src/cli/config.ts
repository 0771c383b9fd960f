import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { CommandError } from '../errors/command-error.ts'
import { messageOf } from '../errors/message-of.ts'
import { callControl } from '../node/control/control-client.ts'
import { onlyWithDatabase } from '../node/configuration/controlled-configuration.ts'
import { addRevisions } from './config-revisions.ts'
import { exampleConfig } from './config-example.ts'
import { type CommonOptions, readPrefix, readSettings, withConf } from './options.ts'
import { refuseUnknown } from './refuse-unknown.ts'
import type { CommandContext, World } from './world.ts'

const defaultFile = './kong.yml'

/** Documents can be large, and a running node has every worker set up what they bring; in milliseconds. */
const patience = 600_000

export function addConfig(program: Command, context: CommandContext): void {
  const { world } = context
  const config = program
    .command('config')
    .description('use declarative configuration files, and what the configuration was')
    .helpCommand(false)
  config
    .command('init')
    .description('write an example to begin with')
    .argument('[file]', 'the file to write', defaultFile)
    .action((file: string) => init(resolve(world.cwd, file)))
  withConf(config.command('parse').description('check a file, and load it nowhere'))
    .argument('[file]', 'the file to check')
    .action(async (file: string | undefined, options: CommonOptions) => {
      const path = required(file, world)
      await world.configuration.parse(readSettings(options, world).settings, path)
      world.terminal.write('parse successful')
    })
  withConf(config.command('db_import').description('add what a file holds to the database'))
    .argument('[file]', 'the file to import')
    .action(async (file: string | undefined, options: CommonOptions) =>
      importFile(required(file, world), options, world),
    )
  withConf(config.command('db_export').description('write what the database holds into a file'))
    .argument('[file]', 'the file to write', defaultFile)
    .action(async (file: string, options: CommonOptions) =>
      exportFile(resolve(world.cwd, file), options, world),
    )
  addRevisions(config, world)
  refuseUnknown(config, context)
}

function required(file: string | undefined, { cwd }: World): string {
  if (file !== undefined) return resolve(cwd, file)
  throw new Error('expected a declarative configuration file; see `kong config --help`')
}

async function init(file: string): Promise<void> {
  if (existsSync(file)) throw new Error(`${file} already exists.\nWill not overwrite it.`)
  await writeFile(file, exampleConfig, { flag: 'wx' })
}

/** A node that runs has the database: it does what is asked; otherwise the database is opened here. */
async function importFile(file: string, options: CommonOptions, world: World): Promise<void> {
  const { settings } = readSettings(options, world)
  if (settings.database === 'off') throw new Error(onlyWithDatabase.import)
  const { configuration, terminal } = world
  await configuration.parse(settings, file)
  terminal.write('parse successful, beginning import')
  try {
    const text = await readFile(file, 'utf8')
    const prefix = readPrefix(options, world)
    const ran = await asked(() =>
      callControl(prefix, 'POST', '/config', { text, file }, { patience }),
    )
    if (ran === undefined) await configuration.import(settings, file)
  } catch (error) {
    throw new Error(`Failed importing:\n${messageOf(error)}`, { cause: error })
  }
  terminal.write('import successful')
}

async function exportFile(file: string, options: CommonOptions, world: World): Promise<void> {
  const { settings } = readSettings(options, world)
  if (settings.database === 'off') throw new Error(onlyWithDatabase.export)
  if (existsSync(file)) throw new Error(`${file} already exists. Will not overwrite it.`)
  const prefix = readPrefix(options, world)
  const answer = await asked(() => callControl(prefix, 'GET', '/config'))
  const text =
    answer === undefined ? await world.configuration.export(settings) : textIn(answer.given)
  // It holds private keys.
  await writeFile(file, text, { flag: 'wx', mode: 0o600 })
}

/** What a running node answered; nothing where none runs. */
async function asked(call: () => Promise<unknown>): Promise<{ given: unknown } | undefined> {
  try {
    return { given: await call() }
  } catch (error) {
    if (error instanceof CommandError && error.code === 'NOT_RUNNING') return undefined
    throw error
  }
}

function textIn(answer: unknown): string {
  if (typeof answer === 'object' && answer !== null && 'config' in answer) {
    return String(answer.config)
  }
  throw new CommandError('REFUSED', 'the running node is of another version; restart it')
}
