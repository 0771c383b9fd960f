import { beyondKong } from '../beyond-kong.ts'
import type { Definition } from '../definition.ts'
import { healthchecks } from '../health-shape.ts'
import { proxyProtocolChecks } from '../proxy-protocol-checks.ts'
import { proxyProtocol } from '../proxy-protocol-shape.ts'
import { expandHashing, hashOn, upstreamChecks } from '../upstream-shape.ts'
import { commonRequired, connections, reference, stamps, tags } from './common.ts'

const seconds = { type: 'number', minimum: 0, maximum: 65_535 } as const

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
        enum: [
          'consistent-hashing',
          'least-connections',
          'round-robin',
          'latency',
          'random-two-choices',
        ],
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
      hash_on_slot: beyondKong({
        type: 'string',
        description: 'The name of the slot in which a plugin leaves what is hashed on.',
      }),
      hash_on_ipv4_prefix: beyondKong({
        type: 'integer',
        minimum: 0,
        maximum: 32,
        description: 'With hash_on subnet: how many bits of an IPv4 address count; 24 if not set.',
      }),
      hash_on_ipv6_prefix: beyondKong({
        type: 'integer',
        minimum: 0,
        maximum: 128,
        description: 'With hash_on subnet: how many bits of an IPv6 address count; 56 if not set.',
      }),
      max_connections: beyondKong({
        ...connections,
        description: 'How many connections its targets have at once, on this node.',
      }),
      queue_size: beyondKong({
        type: 'integer',
        minimum: 0,
        maximum: 1_000_000,
        description:
          'How many connections wait, on this node, where all targets are full; 0 if not set.',
      }),
      queue_timeout: beyondKong({
        ...connections,
        description:
          'Milliseconds that a connection waits where all targets are full; 5000 if not set.',
      }),
      slow_start: beyondKong({
        ...seconds,
        description: 'Seconds over which the share of a target that recovered grows to its weight.',
      }),
      on_unhealthy: beyondKong({
        type: 'string',
        enum: ['keep', 'close'],
        description:
          'What becomes of the connections of a target that turns unhealthy; keep if not set.',
      }),
      on_unhealthy_window: beyondKong({
        ...seconds,
        description: 'Seconds over which on_unhealthy close spreads the ends; 5 if not set.',
      }),
      preconnect: beyondKong({
        type: 'integer',
        minimum: 0,
        maximum: 1000,
        description:
          'Idle connections that are kept ready to each target, for clients that speak first.',
      }),
      ...proxyProtocol,
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
  checks: [...upstreamChecks, ...proxyProtocolChecks],
}
