import { boolean, integer, optional, string } from './kind.ts'
import type { Setting } from './setting.ts'
import { duration, milliseconds } from './units.ts'

const port = integer({ min: 1, max: 65_535 })
const count = integer({ min: 1, max: 1000 })
const patience = milliseconds({ min: '10ms', max: '1h' })
const asAbove = 'Not set: as for the other server.'

/** The settings of `database = postgres`. */
export const pgSchema = {
  pg_host: {
    kind: string('host name, address, folder of a unix socket'),
    default: '127.0.0.1',
    description: 'Where the PostgreSQL server is.',
  },
  pg_port: { kind: port, default: '5432', description: 'Its port.' },
  pg_database: { kind: string('name'), default: 'kong', description: 'The database.' },
  pg_schema: {
    kind: optional(string('name')),
    default: '',
    description: 'The schema in it. Not set: what the server says, `public` as a rule.',
  },
  pg_user: { kind: string('name'), default: 'kong', description: 'Who logs in.' },
  pg_password: {
    kind: optional(string('text')),
    default: '',
    secret: true,
    description: 'With which password.',
  },
  pg_timeout: {
    kind: patience,
    default: '5000',
    description: 'Time to connect, and for each statement.',
  },
  pg_ssl: { kind: boolean(), default: 'off', description: 'Talks TLS to the server.' },
  pg_ssl_verify: {
    kind: boolean(),
    default: 'off',
    description: 'Verifies its certificate, by `trusted_certificate`.',
  },
  pg_pool_size: {
    kind: optional(count),
    default: '',
    description: 'Most connections to the server. Not set: 4, since changes take turns.',
  },
  pg_max_concurrent_queries: {
    kind: integer({ min: 0, max: 1000 }),
    default: '0',
    description: 'Most statements at once. 0: as many as there are connections.',
  },
  pg_keepalive_timeout: {
    kind: optional(patience),
    default: '',
    description: 'How long an idle connection is kept. Not set: `60000`.',
  },
  pg_ro_host: {
    kind: optional(string('host name, address, folder of a unix socket')),
    default: '',
    description: 'A read-only copy of the server, from which a node that starts loads.',
  },
  pg_ro_port: { kind: optional(port), default: '', description: `Its port. ${asAbove}` },
  pg_ro_database: {
    kind: optional(string('name')),
    default: '',
    description: `Its database. ${asAbove}`,
  },
  pg_ro_schema: {
    kind: optional(string('name')),
    default: '',
    description: `Its schema. ${asAbove}`,
  },
  pg_ro_user: { kind: optional(string('name')), default: '', description: asAbove },
  pg_ro_password: {
    kind: optional(string('text')),
    default: '',
    secret: true,
    description: asAbove,
  },
  pg_ro_timeout: { kind: optional(patience), default: '', description: asAbove },
  pg_ro_ssl: { kind: optional(boolean()), default: '', description: asAbove },
  pg_ro_ssl_verify: { kind: optional(boolean()), default: '', description: asAbove },
  pg_ro_pool_size: { kind: optional(count), default: '', description: asAbove },
  pg_ro_max_concurrent_queries: {
    kind: optional(integer({ min: 0, max: 1000 })),
    default: '',
    description: asAbove,
  },
  pg_ro_keepalive_timeout: { kind: optional(patience), default: '', description: asAbove },
  db_update_frequency: {
    kind: duration({ min: '100ms', max: '1h' }),
    default: '5',
    description:
      'How often a node asks the server for changes of others, of which it is told at once as a rule.',
  },
  revision_limit: {
    kind: integer({ min: 1, max: 1_000_000 }),
    default: '1000',
    description: 'How many changes of the configuration are remembered.',
  },
  revision_age: {
    kind: duration({ min: '1h', max: '3650d' }),
    default: '90d',
    description: 'For how long.',
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>
