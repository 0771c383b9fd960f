import { beforeEach, describe, expect, test } from 'vitest'
import { makeDatabase, noPostgres } from '../store/postgres.fixture.ts'
import type { PostgresOptions } from '../store/postgres-options.ts'
import { readMigrations, type Migration } from '../store/migrate.ts'
import { Schema } from '../store/schema.ts'
import { runCommandLine } from './run-command-line.ts'
import { fakeWorld } from './world.fixture.ts'
import type { World } from './world.ts'

const env = { KONG_DATABASE: 'postgres' }

async function run(line: string, over: Partial<World> = {}) {
  const world = fakeWorld({ env, ...over })
  const code = await runCommandLine(line.split(' '), world)
  return { code, out: world.written.join('\n'), err: world.complained.join('\n') }
}

test.each([
  ['bootstrap', 'Database already bootstrapped'],
  ['up', 'Database is already up-to-date'],
  ['finish', 'No pending migrations to finish'],
])('%s has nothing to do for a store that migrates itself', async (action, out) => {
  expect(await run(`migrations ${action}`, { env: {} })).toEqual({ code: 0, out, err: '' })
})

test('the embedded store is listed, and not reset from here', async () => {
  expect((await run('migrations list', { env: {} })).out).toMatch(/^Executed migrations:\ncore: /)
  expect(JSON.parse((await run('migrations status', { env: {} })).out)).toMatchObject({
    needs_bootstrap: false,
  })
  expect(await run('migrations reset --yes', { env: {} })).toMatchObject({ code: 1 })
})

test('a timeout is a number of seconds', async () => {
  expect((await run('migrations up --lock-timeout soon')).err).toContain('number of seconds')
})

describe.skipIf(noPostgres)('migrations of a database', () => {
  let server: PostgresOptions
  let migrations: readonly Migration[]
  beforeEach(async () => {
    server = await makeDatabase()
    migrations = await readMigrations()
  })

  const on = (line: string, over: Partial<World> = {}) =>
    run(`migrations ${line}`, {
      openSchema: async (_settings, timeout) =>
        new Schema({ ...server, timeout: timeout ?? server.timeout }, migrations),
      ...over,
    })

  const twoPhases: Migration = {
    name: '9000-two-phases.sql',
    text: 'create table two (id text);\n-- finish\ndrop table two;\n',
  }

  test('bootstrap makes the tables once, and again when it is forced', async () => {
    const first = await on('bootstrap')
    expect(first.code).toBe(0)
    expect(first.out).toMatch(
      /^Bootstrapping database\.\.\.\nmigrating core on database 'kong'\.\.\.\n/,
    )
    expect(first.out).toContain('core migrated up to: 0001-entities (executed)')
    expect(first.out).toMatch(/\n\d+ migrations processed\n\d+ executed\nDatabase is up-to-date$/)
    const out = 'Database already bootstrapped'
    expect(await on('bootstrap')).toEqual({ code: 0, out, err: '' })
    expect((await on('bootstrap --force')).out).toContain('Database is up-to-date')
    expect(await on('bootstrap -q')).toEqual({ code: 0, out: '', err: '' })
  })

  test('list says by its code what is to be done', async () => {
    const before = await on('list')
    expect(before.code).toBe(3)
    expect(before.out).toContain('Database needs bootstrapping or is older than Kong 1.0.')
    await on('bootstrap')
    expect(await on('list')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Executed migrations:\ncore: 0001-entities, .*\S$/),
    })
    migrations = [...migrations, twoPhases]
    const fresh = await on('list')
    expect(fresh.code).toBe(5)
    expect(fresh.out).toMatch(
      /\n\nNew migrations available:\ncore: 9000-two-phases\n\nRun 'kong-ts migrations up' to proceed$/,
    )
    const up = await on('up')
    expect(up.code).toBe(0)
    expect(up.out).toContain('1 migration processed\n1 pending')
    expect(up.out).toMatch(
      /Database has pending migrations; run 'kong-ts migrations finish' when ready$/,
    )
    const pending = await on('list')
    expect(pending.code).toBe(4)
    expect(pending.out).toMatch(
      /\n\nPending migrations:\ncore: 9000-two-phases\n\nRun 'kong-ts mig/,
    )
    expect(await on('up')).toMatchObject({
      code: 1,
      err: "Error: Database has pending migrations; run 'kong-ts migrations finish'",
    })
    expect((await on('finish')).out).toContain('1 migration processed\n1 executed')
    expect(await on('finish')).toMatchObject({ code: 0, out: 'No pending migrations to finish' })
    expect(await on('up')).toMatchObject({ code: 0, out: 'Database is already up-to-date' })
    expect((await on('list')).code).toBe(0)
  })

  test('status is JSON', async () => {
    const before: unknown = JSON.parse((await on('status')).out)
    expect(before).toMatchObject({ needs_bootstrap: true, new_migrations: [{ subsystem: 'core' }] })
    await on('bootstrap')
    const after = JSON.parse((await on('status')).out) as Record<string, unknown>
    expect(after).toMatchObject({
      needs_bootstrap: false,
      executed_migrations: [{ subsystem: 'core' }],
    })
    expect(after).not.toHaveProperty('new_migrations')
    migrations = migrations.slice(0, 1)
    expect(JSON.parse((await on('status')).out)).toHaveProperty('missing_migrations')
  })

  test('up and finish want a database that was bootstrapped', async () => {
    for (const action of ['up', 'finish']) {
      const { code, err } = await on(action)
      expect(code).toBe(1)
      expect(err).toMatch(/^Error: Cannot run migrations: Database needs bootstrapping/)
    }
  })

  test('reset asks whoever is there, and removes everything', async () => {
    await on('bootstrap')
    expect(await on('reset')).toMatchObject({
      code: 1,
      err: "Error: not a tty: invoke 'reset' non-interactively with the --yes flag",
    })
    const asked: string[] = []
    const ask = (answer: string) => (question: string) => (
      asked.push(question),
      Promise.resolve(answer)
    )
    expect(await on('reset', { ask: ask('n') })).toMatchObject({ code: 0, out: 'cancelled' })
    expect(asked).toEqual(['> Are you sure? This operation is irreversible. [y/n] '])
    expect((await on('list')).code).toBe(0)
    expect(await on('reset', { ask: ask('y') })).toMatchObject({
      code: 0,
      out: 'Resetting database...\nDatabase successfully reset',
    })
    expect(await on('reset --yes')).toMatchObject({
      code: 1,
      out: 'Database not bootstrapped, nothing to reset',
    })
    expect((await on('bootstrap')).code).toBe(0)
  })

  test('of several at once one makes the tables and the others wait for it', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => on('bootstrap')))
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0])
    const said = all.map(({ out }) => out.split('\n').at(-1))
    expect(said.filter((line) => line === 'Database is up-to-date')).toHaveLength(1)
    expect(said.filter((line) => line === 'Database already bootstrapped')).toHaveLength(4)
  })

  test('who waits too long for another node gives up', async () => {
    const other = new Schema(server, migrations)
    const { promise, resolve } = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const held = other.alone(0, () => {
      begun.resolve()
      return promise
    })
    await begun.promise
    expect(await on('bootstrap --lock-timeout 0.1')).toMatchObject({
      code: 1,
      out: 'aborted: another node is performing database changes',
    })
    resolve()
    await held
    await other.close()
    expect((await on('bootstrap')).code).toBe(0)
  })

  test('a migration that does not fit leaves nothing behind', async () => {
    migrations = [...migrations, { name: '9000-bad.sql', text: 'create table services (id text);' }]
    const { code, err } = await on('bootstrap')
    expect(code).toBe(1)
    expect(err).toContain('migration 9000-bad.sql does not fit the database')
    expect((await on('list')).code).toBe(3)
  })

  test('start --run-migrations prepares an empty database, and one that lacks something', async () => {
    const started: string[] = []
    const over: Partial<World> = {
      startGateway: () => {
        started.push('started')
        return Promise.reject(new Error('enough'))
      },
      openSchema: async () => new Schema(server, migrations),
    }
    const start = () =>
      run('start --run-migrations', { env: { ...env, KONG_PREFIX: '/none' }, ...over })
    expect((await start()).out).toContain('Database is up-to-date')
    migrations = [...migrations, twoPhases]
    expect((await start()).out).toContain('1 migration processed')
    expect((await start()).out).toBe('')
    expect(started).toHaveLength(3)
  })
})
