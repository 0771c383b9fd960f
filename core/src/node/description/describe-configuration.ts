import type { Endpoint } from '@kong-ts/pdk'
import type { Listen } from '../../settings/listen.ts'
import { maskSettings } from '../../settings/mask-settings.ts'
import type { LogLevelName } from '../../settings/log-levels.ts'
import type { LogTarget } from '../../settings/paths.ts'
import type { Settings } from '../../settings/schema.ts'
import type { StartReport } from './running.ts'
import { describeDns } from './describe-dns.ts'
import { describeListener, type ListenerShown } from './describe-listener.ts'

/** Of a running node, what its settings leave open. */
export interface Running {
  readonly logLevel: LogLevelName
  /** Names of the plugins that are loaded. */
  readonly plugins: readonly string[]
  /** Of the stream listeners, as bound, in the order of the setting. */
  readonly stream: readonly Endpoint[]
  /** Of the Admin and the Status API, as bound, once both are. */
  readonly bound: Pick<StartReport, 'admin' | 'status'> | undefined
}

/** What of Kong's settings has one answer here, by the names by which clients look for it. */
const settled = {
  role: 'traditional',
  router_flavor: 'traditional',
  // A change is followed by every worker before the request that made it is answered.
  worker_consistency: 'strict',
  proxy_listen: ['off'],
  proxy_listeners: [],
  proxy_ssl_enabled: false,
  admin_gui_listen: ['off'],
  admin_gui_listeners: [],
  anonymous_reports: false,
}

/** The settings as Kong's clients read them: secrets masked, listeners as objects too, our own by their names. */
export function describeConfiguration(
  settings: Settings,
  running: Running,
): Readonly<Record<string, unknown>> {
  const { stream_listen: stream, admin_listen: admin, status_listen: status } = settings
  return {
    ...settled,
    ...maskSettings(settings),
    ...describeDns(settings),
    log_level: running.logLevel,
    // Kong's unit.
    db_update_frequency: settings.db_update_frequency / 1000,
    access_log: targetText(settings.access_log),
    error_log: targetText(settings.error_log),
    admin_access_log: targetText(settings.admin_access_log),
    stream_listen: textsOf(stream),
    admin_listen: textsOf(admin),
    status_listen: textsOf(status),
    stream_listeners: stream.map((listen, index) =>
      describeListener(listen, 'stream', running.stream[index]?.port),
    ),
    admin_listeners: httpListeners(admin, running.bound?.admin),
    status_listeners: httpListeners(status, running.bound?.status),
    stream_proxy_ssl_enabled: isSecure(stream),
    admin_ssl_enabled: isSecure(admin),
    status_ssl_enabled: isSecure(status),
    plugins: settings.plugins.length === 0 ? ['off'] : settings.plugins,
    loaded_plugins: Object.fromEntries(running.plugins.map((name) => [name, true])),
  }
}

function textsOf(listens: readonly Listen[]): readonly string[] {
  return listens.length === 0 ? ['off'] : listens.map(({ raw }) => raw)
}

function httpListeners(
  listens: readonly Listen[],
  bound: readonly string[] = [],
): readonly ListenerShown[] {
  return listens.map((listen, index) => describeListener(listen, 'http', portOf(bound[index])))
}

/** Nothing for a unix socket, whatever its path ends with. */
function portOf(address = ''): number | undefined {
  const [, digits] = /^(?!unix:).*:(\d+)$/.exec(address) ?? []
  return digits === undefined ? undefined : Number(digits)
}

function isSecure(listens: readonly Listen[]): boolean {
  return listens.some(({ ssl }) => ssl)
}

function targetText(target: LogTarget): string {
  return typeof target === 'string' ? target : target.path
}
