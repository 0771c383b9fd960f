import type { EntityName, Rows } from '../entities/rows.ts'

/** A field that stands in a column of its own, because SQL finds it or keeps it unique. */
export interface Column {
  readonly field: string
  readonly column: string
  /** A time is in seconds; one with milliseconds is stored as their whole number. */
  readonly kind: 'text' | 'time' | 'milliseconds' | 'reference'
  readonly nullable: boolean
}

export interface Table {
  readonly name: EntityName
  readonly columns: readonly Column[]
}

type FieldOf<E extends EntityName> = Extract<keyof Rows[E], string>

const common: readonly Column[] = [
  { field: 'id', column: 'id', kind: 'text', nullable: false },
  { field: 'created_at', column: 'created_at', kind: 'time', nullable: false },
  { field: 'updated_at', column: 'updated_at', kind: 'time', nullable: false },
]

/** The columns of every entity, whatever is referenced before what refers to it. */
export const tables: readonly Table[] = [
  table('certificates'),
  table('ca_certificates', key('cert_digest')),
  table('services', optional(key('name')), optional(reference('client_certificate'))),
  table('routes', optional(key('name')), optional(reference('service'))),
  table('snis', key('name'), reference('certificate')),
  table('upstreams', key('name'), optional(reference('client_certificate'))),
  precise(table('targets', key('target'), reference('upstream'))),
  table('consumers', optional(key('username')), optional(key('custom_id'))),
  table(
    'plugins',
    key('name'),
    optional(key('instance_name')),
    optional(reference('service')),
    optional(reference('route')),
    optional(reference('consumer')),
  ),
  table('key_sets', optional(key('name'))),
  table('keys', optional(key('name')), key('kid'), optional(reference('set'))),
  table('vaults', key('prefix')),
]

interface FieldColumn<F extends string> extends Column {
  readonly field: F
}

function table<E extends EntityName>(
  name: E,
  ...columns: readonly FieldColumn<FieldOf<E>>[]
): Table {
  return { name, columns: [...common, ...columns] }
}

function precise({ name, columns }: Table): Table {
  return { name, columns: columns.map((column) => ({ ...column, kind: preciseKind(column.kind) })) }
}

function preciseKind(kind: Column['kind']): Column['kind'] {
  return kind === 'time' ? 'milliseconds' : kind
}

function key<F extends string>(field: F): FieldColumn<F> {
  return { field, column: field, kind: 'text', nullable: false }
}

function reference<F extends string>(field: F): FieldColumn<F> {
  return { field, column: `${field}_id`, kind: 'reference', nullable: false }
}

function optional<F extends string>(column: FieldColumn<F>): FieldColumn<F> {
  return { ...column, nullable: true }
}
