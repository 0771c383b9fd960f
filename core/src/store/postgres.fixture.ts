import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import type { PostgresOptions } from './postgres-options.ts'
import { makeDatabaseOn } from './postgres-database.fixture.ts'
import { isRunning, makeServer, type PostgresServer } from './postgres-server.fixture.ts'

export { ask } from './postgres-database.fixture.ts'
export { noPostgres } from './postgres-server.fixture.ts'

/** For the tests: a server that only this test uses. */
export async function startPostgres(
  conf: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const server = await makeServer(conf, files)
  onTestFinished(async () => {
    server.resume()
    await server.stop('immediate')
    rmSync(server.folder, { recursive: true, force: true })
  })
  return server
}

/** For the tests: a new database on the server of this run, or on another one. */
export async function makeDatabase(on?: { readonly port: number }): Promise<PostgresOptions> {
  const { port } = on ?? (await sharedServer())
  return makeDatabaseOn(port)
}

/** For the tests: takes every connection that the server has; the answer gives them back. */
export async function crowd(port: number): Promise<() => Promise<void>> {
  const clients: pg.Client[] = []
  for (;;) {
    const client = new pg.Client({ host: '127.0.0.1', port, database: 'postgres', user: 'kong' })
    client.on('error', () => undefined)
    try {
      await client.connect()
    } catch {
      return async () => {
        await Promise.all(clients.map((each) => each.end()))
      }
    }
    clients.push(client)
  }
}

/** For a whole run: where its one server is put, and what ends it. */
export function reserveServer(): { readonly folder: string; readonly end: () => Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-pg-run-'))
  return {
    folder,
    async end() {
      if (existsSync(join(folder, 'ready'))) {
        const { pid, data } = JSON.parse(readFileSync(join(folder, 'ready'), 'utf8'))
        process.kill(pid, 'SIGQUIT')
        while (isRunning(pid)) await pause(20)
        rmSync(data, { recursive: true, force: true })
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The name under which the run tells its tests where that is. */
export const reservedIn = 'TEST_POSTGRES_FOLDER'

/** The first test that wants the server of the run starts it; the run ends it. */
async function sharedServer(): Promise<{ readonly port: number }> {
  const folder = process.env[reservedIn]
  if (folder === undefined)
    throw new Error(`${reservedIn} is not set: no run has reserved a server`)
  const ready = join(folder, 'ready')
  try {
    mkdirSync(join(folder, 'starting'))
    const server = await makeServer([])
    writeFileSync(`${ready}.new`, '')
    const told = { port: server.port, pid: server.pid, data: server.folder }
    writeFileSync(ready, JSON.stringify(told))
    return told
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  while (!existsSync(ready) || readFileSync(ready, 'utf8') === '') await pause(20)
  return JSON.parse(readFileSync(ready, 'utf8'))
}
