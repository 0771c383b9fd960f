import type { Definition } from '../definition.ts'
import { commonRequired, stamps, tags } from './common.ts'

export const keySets: Definition = {
  name: 'key_sets',
  path: 'key-sets',
  key: 'name',
  schema: {
    type: 'object',
    properties: {
      id: stamps.id,
      name: { type: 'string', description: 'A name to call it by in URLs.' },
      tags,
      created_at: stamps.created_at,
      updated_at: stamps.updated_at,
    },
    required: [...commonRequired],
  },
  unique: [{ fields: ['name'], nulls: 'distinct' }],
  references: {},
  checks: [],
}
