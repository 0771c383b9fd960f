import type { Schema } from '@kong-ts/pdk'

/** What the gateway gives every entity. The times are seconds since the epoch. */
export const stamps = {
  id: { type: 'string', format: 'uuid', description: 'The identity of the entity.' },
  created_at: {
    type: 'integer',
    format: 'timestamp',
    description: 'When it was created, in seconds since 1970.',
  },
  updated_at: {
    type: 'integer',
    format: 'timestamp',
    description: 'When it was last written, in seconds since 1970.',
  },
} as const satisfies Record<string, Schema>

export const tags = {
  type: 'array',
  uniqueItems: true,
  items: { type: 'string', format: 'tag', description: 'A word to find it by.' },
  description: 'Words to group entities by; lists can be filtered by them.',
} as const satisfies Schema

/** What every row has whatever is written. */
export const commonRequired = ['id', 'created_at', 'updated_at'] as const

export const reference = {
  type: 'object',
  properties: { id: { type: 'string', format: 'uuid' } },
  required: ['id'],
} as const satisfies Schema

export const protocol = {
  type: 'string',
  description: 'A protocol; on layer 4 one of tcp, tls, tls_passthrough and udp.',
  enum: ['grpc', 'grpcs', 'http', 'https', 'tcp', 'tls', 'tls_passthrough', 'udp'],
} as const satisfies Schema

export const port = {
  type: 'integer',
  minimum: 0,
  maximum: 65_535,
  description: 'A port; 0 to 65535.',
} as const satisfies Schema

export const milliseconds = {
  type: 'integer',
  default: 60_000,
  minimum: 1,
  maximum: 2_147_483_646,
} as const satisfies Schema

export const connections = {
  type: 'integer',
  minimum: 1,
  maximum: 2_147_483_646,
} as const satisfies Schema

/** Kong's wording for several names: `'a', 'b' or 'c'`. */
export function alternatives(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`)
  const last = quoted.pop() ?? ''
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`
}
