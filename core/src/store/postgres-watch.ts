import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { clientConfig } from './postgres.ts'
import { postgresError } from './postgres-error.ts'
import type { PostgresOptions } from './postgres-options.ts'
import type { Sql } from './sql.ts'
import { StoreError, type StoreHealth } from './store.ts'

/** On which channel nodes tell each other of revisions; a database may hold the schemas of several gateways. */
export const channel = 'kong_ts'

export function announcement(schema: string | undefined, revision: number): string {
  return `${schema ?? ''} ${revision}`
}

/** Milliseconds that a connection which is being made has to be given up: one to a server that stands still is not. */
const farewell = 500
/** Milliseconds before a lost connection is made anew; doubles up to the longest. */
const firstPause = 50
const longestPause = 2_000

export interface WatchOptions {
  readonly server: PostgresOptions
  /** Milliseconds between looks at the stored revision, should no notification come. */
  readonly interval: number
  /** Looks at a new connection. @throws StoreError when this node cannot work with what it finds */
  check(sql: Sql): Promise<number>
  changed(revision: number, how: 'told' | 'seen'): void
  health(health: StoreHealth): void
}

/**
 * A connection that listens for the changes of other nodes, and is made anew whenever it is lost. Whoever was not
 * told of a change, because the connection was away, sees the stored revision when it stands again.
 */
export class PostgresWatch {
  readonly #options: WatchOptions
  readonly #closing = new AbortController()
  #wake = new AbortController()
  readonly #done: Promise<void>

  constructor(options: WatchOptions) {
    this.#options = options
    this.#done = this.#run()
  }

  /** Looks at once whether the server is there. */
  probe(): void {
    this.#wake.abort()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#wake.abort()
    await Promise.race([this.#done, pause(farewell, undefined, { ref: false })])
  }

  async #run(): Promise<void> {
    let wait = firstPause
    while (!this.#closing.signal.aborted) {
      try {
        await this.#listen(() => (wait = firstPause))
      } catch (error) {
        const told = postgresError(error)
        const why = told instanceof Error ? told.message : String(told)
        if (!this.#closing.signal.aborted) this.#options.health({ reachable: false, error: why })
      }
      await pause(wait, undefined, { signal: this.#closing.signal }).catch(() => undefined)
      wait = Math.min(wait * 2, longestPause)
    }
  }

  /** Until the connection is lost or closed. */
  async #listen(stands: () => void): Promise<void> {
    const options = this.#options
    const client = new pg.Client(clientConfig(options.server))
    const lost = new AbortController()
    client.on('error', (error) => lost.abort(error))
    client.on('end', () => lost.abort(new StoreError('unavailable', 'the server has hung up')))
    client.on('notification', ({ payload = '' }) => this.#hear(payload))
    const sql: Sql = {
      query: async (text, values = []) => {
        const { rows } = await client.query<Record<string, unknown>>(text, [...values])
        return rows
      },
      transaction: (work) => work(sql),
    }
    const hangUp = (): void => void client.end().catch(() => undefined)
    this.#closing.signal.addEventListener('abort', hangUp)
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
      options.changed(await options.check(sql), 'seen')
      options.health({ reachable: true })
      stands()
      for (;;) {
        await this.#rest(lost.signal)
        if (this.#closing.signal.aborted) return
        lost.signal.throwIfAborted()
        const [row] = await sql.query('select number from revision where id = 1')
        options.changed(Number(row?.['number']), 'seen')
        options.health({ reachable: true })
      }
    } finally {
      this.#closing.signal.removeEventListener('abort', hangUp)
      // A server that does not answer is not waited for.
      hangUp()
    }
  }

  /** Until the next look, or sooner when the connection is lost or somebody wants to know. */
  async #rest(lost: AbortSignal): Promise<void> {
    this.#wake = new AbortController()
    const signal = AbortSignal.any([lost, this.#wake.signal, this.#closing.signal])
    await pause(this.#options.interval, undefined, { signal }).catch(() => undefined)
  }

  #hear(payload: string): void {
    const [schema, revision] = payload.split(/ (?=\d+$)/)
    if (schema === (this.#options.server.schema ?? '')) {
      this.#options.changed(Number(revision), 'told')
    }
  }
}
