import { existsSync, rmSync } from 'node:fs'
import { migrate, readMigrations } from './migrate.ts'
import { numbersIn, type Numbers } from './numbers.ts'
import { makePrivate } from './private-file.ts'
import { openSqlite, type SqliteFile } from './sqlite.ts'
import { StoreError } from './store.ts'

const migrations = new Set(['0004-shared-numbers.sql', '0005-passing-numbers.sql'])

/** Numbers in a file (0600) of their own, which is made when somebody counts for the first time. */
export class LocalNumbers implements Numbers {
  readonly #file: string
  #opening: Promise<SqliteFile> | undefined
  #closed = false

  constructor(file: string) {
    this.#file = file
  }

  async add(...args: Parameters<Numbers['add']>): ReturnType<Numbers['add']> {
    return (await this.#open()).add(...args)
  }

  async read(...args: Parameters<Numbers['read']>): ReturnType<Numbers['read']> {
    return (await this.#open()).read(...args)
  }

  async look(...args: Parameters<Numbers['look']>): ReturnType<Numbers['look']> {
    return (await this.#open()).look(...args)
  }

  async swap(...args: Parameters<Numbers['swap']>): ReturnType<Numbers['swap']> {
    return (await this.#open()).swap(...args)
  }

  async sweep(now: number): Promise<boolean> {
    return this.#isMade && (await this.#open()).sweep(now)
  }

  async forget(instances: readonly string[]): Promise<void> {
    if (this.#isMade) await (await this.#open()).forget(instances)
  }

  async close(): Promise<void> {
    this.#closed = true
    const opened = await this.#opening?.catch(() => undefined)
    await opened?.close()
  }

  get #isMade(): boolean {
    return this.#opening !== undefined || existsSync(this.#file)
  }

  async #open(): Promise<Numbers> {
    if (this.#closed) throw new StoreError('unavailable', 'the store is closed')
    this.#opening ??= openFile(this.#file)
    try {
      return numbersIn((await this.#opening).light)
    } catch (error) {
      this.#opening = undefined
      throw error
    }
  }
}

/** A damaged file is made anew: what was counted is lost, what is counted from now on is not. */
async function openFile(file: string): Promise<SqliteFile> {
  try {
    return await openWhole(file)
  } catch (error) {
    if (!(error instanceof StoreError) || error.reason !== 'corrupt') throw error
    for (const each of [file, `${file}-wal`, `${file}-shm`]) rmSync(each, { force: true })
    return openWhole(file)
  }
}

async function openWhole(file: string): Promise<SqliteFile> {
  makePrivate(file)
  const database = openSqlite(file)
  try {
    const known = await readMigrations()
    await migrate(
      database,
      known.filter(({ name }) => migrations.has(name)),
    )
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}
