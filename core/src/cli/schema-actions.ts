import type { Schema } from '../store/schema.ts'
import type { SchemaState } from '../store/schema-state.ts'
import { needsBootstrap, SchemaBusy } from '../store/schema-words.ts'
import type { Terminal } from './terminal.ts'

export interface MigrationsOptions {
  readonly yes: boolean
  readonly force: boolean
  /** Milliseconds to wait for another node. */
  readonly patience: number
  readonly terminal: Pick<Terminal, 'write' | 'error'>
  /** The name of the database, for what is told. */
  readonly database: string
  /** Undefined where nobody is there to answer. */
  readonly ask: (question: string) => Promise<string> | undefined
}

/** What is done with the tables; Kong's words and exit codes. */
export const schemaActions = { bootstrap, up, finish, list, status, reset }

async function bootstrap(schema: Schema, options: MigrationsOptions): Promise<number> {
  return alone(schema, options, async () => {
    if (options.force) await schema.reset()
    const state = await schema.state()
    if (!state.needsBootstrap) {
      options.terminal.write('Database already bootstrapped')
      return 0
    }
    options.terminal.write('Bootstrapping database...')
    tellRun(options, await schema.up({ whole: true }), [])
    options.terminal.write('Database is up-to-date')
    return 0
  })
}

/** Runs new migrations, on an empty database all of them: for nodes that start, several at once it may be. */
export async function prepareSchema(schema: Schema, options: MigrationsOptions): Promise<void> {
  const { needsBootstrap: empty, fresh } = await schema.state()
  if (fresh.length === 0) return
  const code = await (empty ? bootstrap : up)(schema, options)
  if (code !== 0) throw new Error('the migrations could not be run')
}

async function up(schema: Schema, options: MigrationsOptions): Promise<number> {
  await refuseUnprepared(schema)
  return alone(schema, options, async () => {
    const before = await schema.state()
    if (!options.force && before.pending.length > 0) {
      throw new Error("Database has pending migrations; run 'kong-ts migrations finish'")
    }
    if (before.fresh.length === 0) {
      options.terminal.write('Database is already up-to-date')
      return 0
    }
    const run = await schema.up({ whole: false })
    const { pending } = await schema.state()
    tellRun(options, run, pending)
    options.terminal.write(
      pending.length > 0
        ? "\nDatabase has pending migrations; run 'kong-ts migrations finish' when ready"
        : 'Database is up-to-date',
    )
    return 0
  })
}

async function finish(schema: Schema, options: MigrationsOptions): Promise<number> {
  await refuseUnprepared(schema)
  return alone(schema, options, async () => {
    const run = await schema.finish()
    if (run.length > 0) tellRun(options, run, [])
    const { fresh } = await schema.state()
    if (fresh.length > 0) {
      options.terminal.write("\nNew migrations available; run 'kong-ts migrations up' to proceed")
    } else if (run.length === 0) options.terminal.write('No pending migrations to finish')
    return 0
  })
}

async function list(schema: Schema, { terminal }: MigrationsOptions): Promise<number> {
  const state = await schema.state()
  if (state.needsBootstrap) {
    terminal.write(bootstrapHint)
    return 3
  }
  const { executed, pending, fresh, missing } = state
  const sections = [
    section('Executed migrations:', executed),
    section('Pending migrations:', pending),
    section('New migrations available:', fresh),
    section('Migrations of a newer version:', missing),
  ]
  const [hint, code] = nextStep(state)
  terminal.write([...sections, hint].filter((part) => part !== '').join('\n\n'))
  return code
}

function nextStep({ pending, fresh }: SchemaState): readonly [hint: string, code: number] {
  if (pending.length > 0) return ["Run 'kong-ts migrations finish' when ready", 4]
  if (fresh.length > 0) return ["Run 'kong-ts migrations up' to proceed", 5]
  return ['', 0]
}

async function status(schema: Schema, { terminal }: MigrationsOptions): Promise<number> {
  const state = await schema.state()
  const lists = {
    executed_migrations: listed(state.executed),
    pending_migrations: listed(state.pending),
    missing_migrations: listed(state.missing),
    new_migrations: listed(state.fresh),
  }
  const told = Object.entries(lists).filter(([, each]) => each.length > 0)
  const { needsBootstrap: empty } = state
  terminal.write(JSON.stringify({ needs_bootstrap: empty, ...Object.fromEntries(told) }))
  return 0
}

async function reset(schema: Schema, options: MigrationsOptions): Promise<number> {
  const { terminal, yes, ask } = options
  if (!yes) {
    const answer = ask('> Are you sure? This operation is irreversible. [y/n] ')
    if (answer === undefined) {
      throw new Error("not a tty: invoke 'reset' non-interactively with the --yes flag")
    }
    if (!/^y(es)?$/i.test((await answer).trim())) {
      terminal.write('cancelled')
      return 0
    }
  }
  return alone(schema, options, async () => {
    if ((await schema.state()).needsBootstrap) {
      terminal.write('Database not bootstrapped, nothing to reset')
      return 1
    }
    terminal.write('Resetting database...')
    await schema.reset()
    terminal.write('Database successfully reset')
    return 0
  })
}

const bootstrapHint =
  `${needsBootstrap}\n\n` +
  "To start a new installation from scratch, run 'kong-ts migrations bootstrap'."

async function refuseUnprepared(schema: Schema): Promise<void> {
  const state = await schema.state()
  if (state.needsBootstrap) throw new Error(`Cannot run migrations: ${bootstrapHint}`)
}

async function alone(
  schema: Schema,
  { patience, terminal }: MigrationsOptions,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await schema.alone(patience, work)
  } catch (error) {
    if (!(error instanceof SchemaBusy)) throw error
    terminal.write(error.message)
    return 1
  }
}

function tellRun(
  { terminal, database }: MigrationsOptions,
  run: readonly string[],
  pending: readonly string[],
): void {
  const done = run.length - pending.length
  terminal.write(`migrating core on database '${database}'...`)
  for (const name of run) {
    const state = pending.includes(name) ? 'pending' : 'executed'
    terminal.write(`core migrated up to: ${bare(name)} (${state})`)
  }
  terminal.write(`${run.length} migration${run.length === 1 ? '' : 's'} processed`)
  if (done > 0) terminal.write(`${done} executed`)
  if (pending.length > 0) terminal.write(`${pending.length} pending`)
}

function section(title: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${title}\ncore: ${names.map(bare).join(', ')}`
}

function listed(names: readonly string[]) {
  return names.length === 0
    ? []
    : [{ subsystem: 'core', namespace: 'kong.db.migrations.core', migrations: names.map(bare) }]
}

function bare(name: string): string {
  return name.replace(/\.sql$/, '')
}
