import type { Definition } from '../definition.ts'
import { healthchecks } from '../health-shape.ts'
import { expandHashing, hashOn, upstreamChecks } from '../upstream-shape.ts'
import { commonRequired, reference, stamps, tags } from './common.ts'

const unused = 'Kept for HTTP; no use on layer 4.'
const unusedText = { type: 'string', description: unused } as const
const headerName = { type: 'string', format: 'header-name', description: unused } as const

export const upstreams: Definition = {
  name: 'upstreams',
  key: 'name',
  schema: {
    type: 'object',
    properties: {
      ...stamps,
      name: {
        type: 'string',
        format: 'upstream-name',
        description: 'The host name that services reach its targets by.',
      },
      algorithm: {
        type: 'string',
        enum: ['consistent-hashing', 'least-connections', 'round-robin', 'latency'],
        default: 'round-robin',
        description: 'How a target is picked for a connection.',
      },
      hash_on: {
        ...hashOn,
        description: 'What connections are hashed on; on layer 4 the address of the client.',
      },
      hash_fallback: {
        ...hashOn,
        description: 'What they are hashed on when the first is not there.',
      },
      hash_on_header: headerName,
      hash_fallback_header: headerName,
      hash_on_cookie: { type: 'string', format: 'cookie-name', description: unused },
      hash_on_cookie_path: { type: 'string', format: 'path', default: '/', description: unused },
      hash_on_query_arg: unusedText,
      hash_fallback_query_arg: unusedText,
      hash_on_uri_capture: unusedText,
      hash_fallback_uri_capture: unusedText,
      slots: {
        type: 'integer',
        minimum: 10,
        maximum: 65_536,
        default: 10_000,
        description: 'How finely the weights of its targets are dealt out.',
      },
      healthchecks,
      tags,
      host_header: {
        type: 'string',
        format: 'host-with-port',
        description: 'The server name that its targets are asked for over TLS.',
      },
      client_certificate: {
        ...reference,
        description: 'The certificate that is shown to a target that asks for one.',
      },
      use_srv_name: {
        type: 'boolean',
        default: false,
        description: 'Whether the name of the SRV record is the host name of a target.',
      },
    },
    required: [...commonRequired, 'name'],
  },
  unique: [{ fields: ['name'], nulls: 'distinct' }],
  references: {
    client_certificate: {
      entity: 'certificates',
      onDelete: 'restrict',
      nested: 'list',
      upward: true,
    },
  },
  expand: expandHashing,
  checks: upstreamChecks,
}
