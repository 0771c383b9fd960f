import type { MigrationsOptions } from './schema-actions.ts'

/** A store that brings itself up to date at each start has run everything, whenever it is asked. */
export const embeddedActions = {
  bootstrap: saying('Database already bootstrapped'),
  up: saying('Database is already up-to-date'),
  finish: saying('No pending migrations to finish'),
  list: (database: string, { terminal }: MigrationsOptions) => {
    terminal.write(`Executed migrations:\ncore: all, at each start (database = ${database})`)
    return 0
  },
  status: (_database: string, { terminal }: MigrationsOptions) => {
    terminal.write(JSON.stringify({ needs_bootstrap: false, executed_migrations: [] }))
    return 0
  },
  reset: (database: string, { terminal }: MigrationsOptions) => {
    terminal.error(
      `Error: database = ${database} has no server to reset; its configuration is in the prefix of the node`,
    )
    return 1
  },
}

function saying(text: string) {
  return (_database: string, { terminal }: MigrationsOptions): number => {
    terminal.write(text)
    return 0
  }
}
