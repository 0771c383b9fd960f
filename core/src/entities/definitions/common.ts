import type { Schema } from '@kong-ts/pdk'

/** The fields of every entity. The times are seconds since the epoch. */
export const common = {
  id: { type: 'string', format: 'uuid' },
  created_at: { type: 'integer', format: 'timestamp' },
  updated_at: { type: 'integer', format: 'timestamp' },
  tags: { type: 'array', uniqueItems: true, items: { type: 'string', format: 'tag' } },
} as const satisfies Record<string, Schema>

/** What every row has whatever is written. */
export const commonRequired = ['id', 'created_at', 'updated_at'] as const

export const reference = {
  type: 'object',
  properties: { id: { type: 'string', format: 'uuid' } },
  required: ['id'],
} as const satisfies Schema

export const protocol = {
  type: 'string',
  enum: ['grpc', 'grpcs', 'http', 'https', 'tcp', 'tls', 'tls_passthrough', 'udp'],
} as const satisfies Schema

export const port = { type: 'integer', minimum: 0, maximum: 65_535 } as const satisfies Schema

export const milliseconds = {
  type: 'integer',
  default: 60_000,
  minimum: 1,
  maximum: 2_147_483_646,
} as const satisfies Schema

/** Kong's wording for several names: `'a', 'b' or 'c'`. */
export function alternatives(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`)
  const last = quoted.pop() ?? ''
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`
}
