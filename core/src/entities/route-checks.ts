import type { FieldErrors } from '../errors/entity-error.ts'
import { alternatives } from './definitions/common.ts'
import type { Check } from './definition.ts'
import type { Fields } from './fields.ts'
import { stringsIn } from './fields.ts'

/** A route speaks the protocols of one family only. */
export const families = [
  ['http', 'https'],
  ['tcp', 'tls', 'udp'],
  ['tls_passthrough'],
  ['grpc', 'grpcs'],
] as const

const withSni = ['grpcs', 'https', 'tls', 'tls_passthrough']
const snisOnly = `'snis' can only be set when 'protocols' is ${alternatives(withSni)}`
const stream = ['tcp', 'tls', 'tls_passthrough', 'udp']

/** What the first protocol that has rules forbids: these fields, in these words. */
const forbidden: readonly (readonly [protocols: readonly string[], fields: readonly string[]])[] = [
  [stream, ['methods', 'hosts', 'paths', 'headers']],
  [
    ['http', 'https'],
    ['sources', 'destinations'],
  ],
  [
    ['grpc', 'grpcs'],
    ['methods', 'sources', 'destinations'],
  ],
]

/** What a route needs one of, by the first rule whose protocol it has. */
const needed: readonly (readonly [
  protocol: readonly string[],
  fields: readonly string[],
  fault: string,
])[] = [
  [['tls_passthrough'], ['snis'], "must set snis when 'protocols' is 'tls_passthrough'"],
  need(['tcp', 'tls', 'udp'], ['sources', 'destinations', 'snis']),
  need(['https'], ['methods', 'hosts', 'headers', 'paths', 'snis']),
  need(['http'], ['methods', 'hosts', 'headers', 'paths']),
  need(['grpcs'], ['hosts', 'headers', 'paths', 'snis']),
  need(['grpc'], ['hosts', 'headers', 'paths']),
]

export const routeChecks: readonly Check[] = [
  { on: ['protocols'], fault: mixesFamilies },
  ...['methods', 'hosts', 'paths', 'headers', 'sources', 'destinations'].map((field): Check => ({
    on: ['protocols', field],
    fault: (row) => forbids(row, field),
  })),
  {
    on: ['protocols', 'snis'],
    fault: refusesSnis,
    rule: {
      conditional: {
        if_field: 'protocols',
        if_match: { elements: { type: 'string', not_one_of: withSni } },
        then_field: 'snis',
        then_match: { len_eq: 0 },
        then_err: snisOnly,
      },
    },
  },
  {
    on: ['protocols', 'snis', 'sources', 'destinations', 'methods', 'hosts', 'paths', 'headers'],
    fault: matchesNothing,
  },
]

function mixesFamilies(row: Fields): FieldErrors | undefined {
  const protocols = stringsIn(row['protocols'])
  // In the order in which the route names them.
  const [one, other] = new Set(
    protocols.flatMap((protocol) =>
      families.filter((family) => family.some((name) => name === protocol)),
    ),
  )
  if (one === undefined || other === undefined) return undefined
  const printed = [one, other].map((family) => `(${family.map((name) => `'${name}'`).join(', ')})`)
  return { protocols: `these sets are mutually exclusive: ${printed.join(', ')}` }
}

function forbids(row: Fields, field: string): FieldErrors | undefined {
  if (row[field] === null) return undefined
  const [first = ''] = stringsIn(row['protocols'])
  const rule = forbidden.find(([protocols]) => protocols.includes(first))
  if (!rule?.[1].includes(field)) return undefined
  return { [field]: `cannot set '${field}' when 'protocols' is ${alternatives(rule[0])}` }
}

function refusesSnis(row: Fields): FieldErrors | undefined {
  const allowed = stringsIn(row['protocols']).some((name) => withSni.includes(name))
  if (isEmpty(row['snis']) || allowed) return undefined
  return {
    snis: 'length must be 0',
    '@entity': [snisOnly],
  }
}

function matchesNothing(row: Fields): FieldErrors | undefined {
  const protocols = stringsIn(row['protocols'])
  const rule = needed.find(([names]) => names.some((name) => protocols.includes(name)))
  if (rule === undefined || rule[1].some((field) => !isEmpty(row[field]))) return undefined
  return { '@entity': [rule[2]] }
}

function need(protocols: readonly string[], fields: readonly string[]) {
  const listed = fields.map((field) => `'${field}'`).join(', ')
  const fault = `must set one of ${listed} when 'protocols' is ${alternatives(protocols)}`
  return [protocols, fields, fault] as const
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === null || value === undefined
  return Object.keys(value).length === 0
}
