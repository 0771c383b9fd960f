import type { Definition } from '../definition.ts'
import { routeChecks } from '../route-checks.ts'
import { common, commonRequired, port, protocol, reference } from './common.ts'

const addresses = {
  type: 'array',
  uniqueItems: true,
  items: {
    type: 'object',
    properties: { ip: { type: 'string', format: 'ip-or-cidr' }, port },
    anyOf: [{ required: ['ip'] }, { required: ['port'] }],
  },
} as const

const snis = { type: 'array', uniqueItems: true, items: { type: 'string', format: 'sni' } } as const

/** The HTTP fields are kept and served as Kong does for its stream routes; they have no effect. */
const http = {
  methods: { type: 'array', uniqueItems: true, items: { type: 'string', format: 'method' } },
  hosts: { type: 'array', items: { type: 'string' } },
  paths: { type: 'array', items: { type: 'string', format: 'route-path' } },
  headers: {
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string' } },
  },
  strip_path: { type: 'boolean', default: true },
  request_buffering: { type: 'boolean', default: true },
  response_buffering: { type: 'boolean', default: true },
  https_redirect_status_code: { type: 'integer', enum: [426, 301, 302, 307, 308], default: 426 },
  regex_priority: { type: 'integer', default: 0 },
  path_handling: { type: 'string', enum: ['v0', 'v1'], default: 'v0' },
} as const

export const routes: Definition = {
  name: 'routes',
  key: 'name',
  schema: {
    type: 'object',
    properties: {
      ...common,
      name: { type: 'string', format: 'utf8-name' },
      protocols: {
        type: 'array',
        uniqueItems: true,
        minItems: 1,
        items: protocol,
        default: ['http', 'https'],
      },
      sources: addresses,
      destinations: addresses,
      snis,
      service: reference,
      preserve_host: { type: 'boolean', default: false },
      ...http,
    },
    required: [
      ...commonRequired,
      'protocols',
      'preserve_host',
      'strip_path',
      'request_buffering',
      'response_buffering',
      'https_redirect_status_code',
    ],
  },
  unique: [{ fields: ['name'], nulls: 'distinct' }],
  references: {
    service: { entity: 'services', onDelete: 'restrict', nested: 'full', upward: true },
  },
  checks: routeChecks,
}
