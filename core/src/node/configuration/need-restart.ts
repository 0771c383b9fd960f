import { isDeepStrictEqual } from 'node:util'
import { SettingsError } from '../../errors/settings-error.ts'
import { closedAdmin } from '../../settings/closed-admin.ts'
import type { Settings } from '../../settings/schema.ts'

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

/** The settings of a database server, of what is remembered in it, and of name servers. */
function serverOf(settings: Settings): Partial<Settings> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => /^(pg|db|revision|dns)_/.test(name)),
  )
}

/** One line for each setting that was changed but waits for a restart. */
export function needRestart(before: Settings, after: Settings): string[] {
  const now = new Map<string, unknown>(Object.entries(fixedOf(after)))
  const changed = Object.entries(fixedOf(before))
    .filter(([name, value]) => !isDeepStrictEqual(value, now.get(name)))
    .map(([name]) => name)
  return [...changed, ...Object.keys(clientCertificate(before, after))].map(
    (name) => `${name} was changed; that takes effect at the next restart`,
  )
}

/**
 * The new settings as far as a running node can follow them.
 * @throws SettingsError when what stays and what changes would leave the Admin API open to other machines
 */
export function withoutRestart(before: Settings, after: Settings): Settings {
  const wanted = Object.freeze({
    ...after,
    ...fixedOf(before),
    ...clientCertificate(before, after),
  })
  const [problem] = closedAdmin(wanted)
  if (problem === undefined) return wanted
  throw new SettingsError([`${problem}; that address can be given up only by a restart`])
}

/** Whether a listener asks for certificates is settled when it is opened; by whom they are signed may change. */
function clientCertificate(before: Settings, after: Settings) {
  const { admin_ssl_client_certificate: authorities } = before
  return isAskedFor(before) === isAskedFor(after)
    ? {}
    : { admin_ssl_client_certificate: authorities }
}

function isAskedFor({ admin_ssl_client_certificate: authorities }: Settings): boolean {
  return authorities !== undefined
}
