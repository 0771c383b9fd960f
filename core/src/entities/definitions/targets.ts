import type { Definition } from '../definition.ts'
import { canonicalTarget } from '../target-address.ts'
import { common, reference } from './common.ts'

const time = { type: 'number', format: 'timestamp' } as const

export const targets: Definition = {
  name: 'targets',
  key: 'target',
  partOf: 'upstream',
  canonicalKey: canonicalTarget,
  schema: {
    type: 'object',
    properties: {
      ...common,
      created_at: time,
      updated_at: time,
      upstream: reference,
      target: { type: 'string', format: 'target' },
      weight: { type: 'integer', default: 100, minimum: 0, maximum: 65_535 },
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
  checks: [],
}
