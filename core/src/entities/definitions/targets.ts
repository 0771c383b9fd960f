import { beyondKong } from '../beyond-kong.ts'
import type { Definition } from '../definition.ts'
import { canonicalTarget } from '../target-address.ts'
import { connections, reference, stamps, tags } from './common.ts'

/** Seconds since 1970, with milliseconds. */
const time = { type: 'number', format: 'timestamp' } as const

export const targets: Definition = {
  name: 'targets',
  key: 'target',
  partOf: 'upstream',
  canonicalKey: canonicalTarget,
  schema: {
    type: 'object',
    properties: {
      id: stamps.id,
      created_at: { ...time, description: stamps.created_at.description },
      updated_at: { ...time, description: stamps.updated_at.description },
      upstream: { ...reference, description: 'The upstream that it is a part of.' },
      target: {
        type: 'string',
        format: 'target',
        description: 'A host name or an address, with or without a port; without it is 8000.',
      },
      weight: {
        type: 'integer',
        default: 100,
        minimum: 0,
        maximum: 65_535,
        description: 'Its share of the connections against the weights of the others; 0 is none.',
      },
      max_connections: beyondKong({
        ...connections,
        description: 'How many connections it has at once, on this node.',
      }),
      tags,
    },
    required: ['id', 'created_at', 'updated_at', 'upstream', 'target'],
  },
  unique: [{ fields: ['target', 'upstream'], nulls: 'distinct' }],
  references: {
    upstream: { entity: 'upstreams', onDelete: 'cascade', nested: 'full' },
  },
  expand: (body) =>
    typeof body['target'] === 'string'
      ? { ...body, target: canonicalTarget(body['target']) }
      : body,
  carried: ['marks'],
  serve: ({ marks: _marks, ...row }) => row,
  checks: [],
}
