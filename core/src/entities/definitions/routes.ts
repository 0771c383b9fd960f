import type { Definition } from '../definition.ts'
import { families, routeChecks } from '../route-checks.ts'
import { commonRequired, port, protocol, reference, stamps, tags } from './common.ts'

const addresses = {
  type: 'array',
  uniqueItems: true,
  items: {
    type: 'object',
    properties: {
      ip: {
        type: 'string',
        format: 'ip-or-cidr',
        description: 'An address or a range: 10.0.0.1, 10.0.0.0/8.',
      },
      port,
    },
    anyOf: [{ required: ['ip'] }, { required: ['port'] }],
  },
} as const

const snis = {
  type: 'array',
  uniqueItems: true,
  items: {
    type: 'string',
    format: 'sni',
    description: 'A server name, or a pattern such as *.a.test.',
  },
  description: 'The server names that the client asks for in its TLS handshake.',
} as const

const https = {
  type: 'integer',
  enum: [426, 301, 302, 307, 308],
  default: 426,
  description: 'Kept for HTTP; no use on layer 4.',
} as const

/** The HTTP fields are kept and served as Kong does for its stream routes; they have no effect. */
const http = {
  methods: {
    type: 'array',
    uniqueItems: true,
    items: { type: 'string', format: 'method' },
    description: 'For HTTP only: it must not be set on layer 4.',
  },
  hosts: {
    type: 'array',
    items: { type: 'string', format: 'route-host' },
    description: 'For HTTP only: it must not be set on layer 4.',
  },
  paths: {
    type: 'array',
    items: { type: 'string', format: 'route-path' },
    description: 'For HTTP only: it must not be set on layer 4.',
  },
  headers: {
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string' } },
    description: 'For HTTP only: it must not be set on layer 4.',
  },
  regex_priority: { type: 'integer', default: 0, description: 'Kept for HTTP; no use on layer 4.' },
  path_handling: {
    type: 'string',
    enum: ['v0', 'v1'],
    default: 'v0',
    description: 'Kept for HTTP; no use on layer 4.',
  },
} as const

const kept = {
  type: 'boolean',
  default: true,
  description: 'Kept for HTTP; no use on layer 4.',
} as const

export const routes: Definition = {
  name: 'routes',
  key: 'name',
  schema: {
    type: 'object',
    properties: {
      ...stamps,
      name: { type: 'string', format: 'utf8-name', description: 'A name to call it by in URLs.' },
      protocols: {
        type: 'array',
        uniqueItems: true,
        minItems: 1,
        items: protocol,
        default: ['http', 'https'],
        description: 'What its clients speak, of one family: tcp, tls and udp go together.',
      },
      https_redirect_status_code: https,
      strip_path: kept,
      preserve_host: {
        type: 'boolean',
        default: false,
        description: 'Whether the upstream is asked for the server name that the client asked for.',
      },
      request_buffering: kept,
      response_buffering: kept,
      tags,
      service: { ...reference, description: 'Where its connections go.' },
      snis,
      sources: { ...addresses, description: 'Where its clients come from.' },
      destinations: { ...addresses, description: 'The listeners that its clients connect to.' },
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
  attributes: { protocols: { mutually_exclusive_subsets: families } },
  checks: routeChecks,
}
