import pg from 'pg'
import type { PostgresOptions } from './postgres-options.ts'

/** Makes a new database on a server of the tests' own. */
export async function makeDatabaseOn(port: number): Promise<PostgresOptions> {
  const database = `t_${process.pid}_${Date.now().toString(36)}_${++made}`
  await ask(port, 'postgres', `create database ${database}`)
  return {
    host: '127.0.0.1',
    port,
    database,
    schema: undefined,
    user: 'kong',
    password: undefined,
    timeout: 5000,
    tls: false,
    connections: 4,
    idle: 10_000,
  }
}

let made = 0

/** For the tests: what a statement answers, on a connection of its own. */
export async function ask(
  port: number,
  database: string,
  text: string,
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ host: '127.0.0.1', port, database, user: 'kong' })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}
