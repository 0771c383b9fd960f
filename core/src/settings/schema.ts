import { apiSchema } from './api-schema.ts'
import { dnsSchema } from './dns-schema.ts'
import { integer, type Kind, oneOf, optional, string } from './kind.ts'
import { listeners } from './listen.ts'
import { logLevels } from './log-levels.ts'
import { logTarget, path } from './paths.ts'
import { pgSchema } from './pg-schema.ts'
import type { Setting } from './setting.ts'
import { database, plugins, trustedIps, workers } from './special.ts'
import { tlsSchema } from './tls-schema.ts'
import { duration, size } from './units.ts'

/** Every setting there is: parsing, the type `Settings`, the errors and the README's table are made from this. */
export const schema = {
  prefix: {
    kind: path(),
    default: '.kong-ts',
    description:
      'Working folder: store, lock, control socket, log files. Relative to the current folder.',
  },
  stream_listen: {
    kind: listeners({ ssl: true }),
    default: '0.0.0.0:5555',
    description: 'Where connections to be proxied are accepted. Port 0 picks a free port.',
  },
  trusted_ips: {
    kind: trustedIps(),
    default: '',
    description:
      'Who may send PROXY headers to the listeners with `proxy_protocol`; everyone else is refused there.',
  },
  ...apiSchema,
  database: {
    kind: database(),
    default: 'embedded',
    description:
      'Where the configuration is kept: SQLite in the prefix, or a PostgreSQL server; or `off`: it comes from `declarative_config` and `POST /config`.',
  },
  declarative_config: {
    kind: optional(path()),
    default: '',
    description:
      'File with the whole configuration, YAML or JSON, with `database = off`. Relative to the current folder.',
  },
  declarative_config_string: {
    kind: optional(string('YAML or JSON')),
    default: '',
    secret: true,
    description: 'The same as a text, where there is no `declarative_config`.',
  },
  plugins: {
    kind: plugins(),
    default: 'bundled',
    description:
      'Plugins to load: those that come along, package names, paths of `.ts` or `.js` files.',
  },
  worker_processes: {
    kind: workers(),
    default: 'auto',
    aliases: ['nginx_worker_processes'],
    description: 'Processes that carry connections. `auto`: one per core. `1`: all in one process.',
  },
  log_level: {
    kind: oneOf(logLevels),
    default: 'notice',
    description: 'Least level that the error log records.',
  },
  transport: {
    kind: oneOf(['auto', 'portable', 'native']),
    default: 'auto',
    description: 'How bytes are moved: by Node, or by the native addon where it is built.',
  },
  access_log: {
    kind: logTarget(),
    default: 'stdout',
    aliases: ['proxy_stream_access_log', 'proxy_access_log'],
    description: 'One line for each connection that ended. Paths are relative to the prefix.',
  },
  error_log: {
    kind: logTarget(),
    default: 'stderr',
    aliases: ['proxy_stream_error_log', 'proxy_error_log'],
    description: 'What the gateway has to say about itself.',
  },
  admin_access_log: {
    kind: logTarget(),
    default: 'off',
    description: 'One line for each request to the Admin API.',
  },
  drain_timeout: {
    kind: duration({ min: '0s', max: '1h' }),
    default: '5s',
    description: 'How long live connections may go on after a stop was asked for.',
  },
  proxy_protocol_timeout: {
    kind: duration({ min: '10ms', max: '10m' }),
    default: '3s',
    description: 'Total time for the PROXY header, where a listener has `proxy_protocol`.',
  },
  preread_timeout: {
    kind: duration({ min: '10ms', max: '10m' }),
    default: '3s',
    description:
      'Total time for the first bytes that routing needs, such as the whole ClientHello.',
  },
  preread_silence: {
    kind: duration({ min: '0ms', max: '1m' }),
    default: '300ms',
    description:
      'Silence of the client after which a server may speak first, where plain and SNI routes share a port.',
  },
  preread_buffer_size: {
    kind: size({ min: '512', max: '1m' }),
    default: '16k',
    description: 'Most bytes that are looked at before a connection is routed.',
  },
  tls_handshake_timeout: {
    kind: duration({ min: '10ms', max: '10m' }),
    default: '10s',
    description: 'Time for a TLS handshake with a client.',
  },
  plugin_timeout: {
    kind: duration({ min: '10ms', max: '10m' }),
    default: '10s',
    description: 'Time for a plugin to settle in one phase; afterwards the connection is refused.',
  },
  plugin_stall_timeout: {
    kind: duration({ min: '0ms', max: '10m' }),
    default: '5s',
    description:
      'Time that a plugin may hold up a worker; then that worker ends and another one takes its place, unless it is the only one. 0: nobody watches.',
  },
  max_connections: {
    kind: integer({ min: 0, max: 10_000_000 }),
    default: '0',
    description:
      'Most connections at once, over all workers. 0: as many as the descriptor limit allows.',
  },
  ...dnsSchema,
  ...pgSchema,
  ...tlsSchema,
  tcp_keepalive: {
    kind: duration({ min: '0s', max: '1d' }),
    default: '60s',
    description: 'Silence before the kernel probes a peer. 0: never.',
  },
  admin_body_limit: {
    kind: size({ min: '1k', max: '1g' }),
    default: '10m',
    aliases: ['nginx_admin_client_max_body_size'],
    description: 'Largest request body that the Admin API takes.',
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>

export type SettingName = keyof typeof schema

/** The settings of a node: complete, checked, frozen. Durations are milliseconds, sizes bytes. */
export type Settings = {
  readonly [K in SettingName]: (typeof schema)[K]['kind'] extends Kind<infer T> ? T : never
}
