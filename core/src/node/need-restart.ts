import { isDeepStrictEqual } from 'node:util'
import type { Settings } from '../settings/schema.ts'

/** Settings that a running node cannot change. */
function fixedOf(settings: Settings) {
  const { prefix, database, worker_processes, error_log } = settings
  const { admin_listen, admin_insecure, admin_hosts, admin_gui_url, status_listen } = settings
  const { admin_access_log, admin_body_limit } = settings
  return {
    ...serverOf(settings),
    prefix,
    database,
    admin_listen,
    admin_insecure,
    admin_hosts,
    admin_gui_url,
    status_listen,
    worker_processes,
    error_log,
    admin_access_log,
    admin_body_limit,
  }
}

/** The settings of a database server and of what is remembered in it. */
function serverOf(settings: Settings): Partial<Settings> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => /^(pg|db|revision)_/.test(name)),
  )
}

/** One line for each setting that was changed but waits for a restart. */
export function needRestart(before: Settings, after: Settings): string[] {
  const now = new Map<string, unknown>(Object.entries(fixedOf(after)))
  return Object.entries(fixedOf(before))
    .filter(([name, value]) => !isDeepStrictEqual(value, now.get(name)))
    .map(([name]) => `${name} was changed; that takes effect at the next restart`)
}

/** The new settings as far as a running node can follow them. */
export function withoutRestart(before: Settings, after: Settings): Settings {
  return Object.freeze({ ...after, ...fixedOf(before) })
}
