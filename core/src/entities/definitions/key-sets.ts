import type { Definition } from '../definition.ts'
import { common, commonRequired } from './common.ts'

export const keySets: Definition = {
  name: 'key_sets',
  path: 'key-sets',
  key: 'name',
  schema: {
    type: 'object',
    properties: { ...common, name: { type: 'string' } },
    required: [...commonRequired],
  },
  unique: [{ fields: ['name'], nulls: 'distinct' }],
  references: {},
  checks: [],
}
