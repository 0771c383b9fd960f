import type { Definition } from '../definition.ts'
import { healthchecks } from '../health-shape.ts'
import { expandHashing, hashOn, upstreamChecks } from '../upstream-shape.ts'
import { common, commonRequired, reference } from './common.ts'

const headerName = { type: 'string', format: 'header-name' } as const

export const upstreams: Definition = {
  name: 'upstreams',
  key: 'name',
  schema: {
    type: 'object',
    properties: {
      ...common,
      name: { type: 'string', format: 'upstream-name' },
      algorithm: {
        type: 'string',
        enum: ['consistent-hashing', 'least-connections', 'round-robin', 'latency'],
        default: 'round-robin',
      },
      hash_on: hashOn,
      hash_fallback: hashOn,
      hash_on_header: headerName,
      hash_fallback_header: headerName,
      hash_on_cookie: { type: 'string', format: 'cookie-name' },
      hash_on_cookie_path: { type: 'string', format: 'path', default: '/' },
      hash_on_query_arg: { type: 'string' },
      hash_fallback_query_arg: { type: 'string' },
      hash_on_uri_capture: { type: 'string' },
      hash_fallback_uri_capture: { type: 'string' },
      slots: { type: 'integer', minimum: 10, maximum: 65_536, default: 10_000 },
      healthchecks,
      host_header: { type: 'string', format: 'host-with-port' },
      client_certificate: reference,
      use_srv_name: { type: 'boolean', default: false },
    },
    required: [...commonRequired, 'name'],
  },
  unique: [{ fields: ['name'], nulls: 'distinct' }],
  references: {
    client_certificate: { entity: 'certificates', onDelete: 'restrict', nested: 'list' },
  },
  expand: expandHashing,
  checks: upstreamChecks,
}
