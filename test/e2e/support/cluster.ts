import { onTestFinished } from 'vitest'
import { makeDatabaseOn } from '../../../core/src/store/postgres-database.fixture.ts'
import { startPostgres } from '../../../core/src/store/postgres.fixture.ts'
import type { PostgresServer } from '../../../core/src/store/postgres-server.fixture.ts'
import { bootstrap } from '../../../core/src/store/postgres-store.fixture.ts'
import { startGateway, temporaryFolder, until, type RunningGateway } from './gateway.ts'

type Texts = Readonly<Record<string, string>>

/** A PostgreSQL server of the test's own, and gateways on it. */
export interface Cluster {
  readonly server: PostgresServer
  readonly database: string
  readonly settings: Texts
  /** One more gateway; with the prefix of an earlier one it is that one again. */
  start(more?: { readonly prefix?: string; readonly settings?: Texts }): Promise<RunningGateway>
}

export async function startCluster(
  conf: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<Cluster> {
  const server = await startPostgres(conf, files)
  const options = await makeDatabaseOn(server.port)
  await bootstrap(options)
  const settings = {
    database: 'postgres',
    pg_port: String(server.port),
    pg_database: options.database,
    pg_timeout: '1000',
    access_log: 'off',
  }
  return {
    server,
    database: options.database,
    settings,
    start: ({ prefix = temporaryFolder(), settings: more = {} } = {}) =>
      startGateway({ prefix, settings: { ...settings, ...more } }),
  }
}

/** What a gateway says of its database in `/status`, which is there in any case. */
export async function databaseOf(
  gateway: RunningGateway,
): Promise<{ reachable: boolean; error?: string }> {
  const { status, body } = await gateway.admin('GET', '/status')
  if (status !== 200) throw new Error(`/status: ${status}`)
  return body.database
}

export async function revisionOf(gateway: RunningGateway): Promise<number> {
  return (await gateway.admin('GET', '/status')).body.configuration.revision
}

export function untilReachable(gateway: RunningGateway, reachable: boolean): Promise<void> {
  return until(
    async () => (await databaseOf(gateway)).reachable === reachable,
    () => `the database did not become ${reachable ? '' : 'un'}reachable:\n${gateway.output()}`,
  )
}

/** Runs something again and again until the test ends it; answers with what it has counted. */
export function meanwhile(work: () => Promise<void>): () => Promise<number> {
  const ending = new AbortController()
  let rounds = 0
  const done = (async () => {
    for (; !ending.signal.aborted; rounds += 1) await work()
    return rounds
  })()
  done.catch(() => undefined)
  onTestFinished(() => ending.abort())
  return () => {
    ending.abort()
    return done
  }
}

export async function services(gateway: RunningGateway): Promise<string[]> {
  const { body } = await gateway.admin('GET', '/services?size=1000')
  return body.data.map(({ id }: { id: string }) => id)
}

/** A service that everything leads to. */
export async function routeAll(gateway: RunningGateway, port: number): Promise<void> {
  await gateway.create('/services', { name: 'all', url: `tcp://127.0.0.1:${port}` })
  await gateway.create('/services/all/routes', {
    protocols: ['tcp'],
    sources: [{ ip: '0.0.0.0/0' }],
  })
}
