import { atLeastOne } from '../choices.ts'
import type { Definition } from '../definition.ts'
import { common, commonRequired } from './common.ts'

/** Nobody authenticates on layer 4: consumers are kept for the clients that manage them. */
export const consumers: Definition = {
  name: 'consumers',
  key: 'username',
  schema: {
    type: 'object',
    properties: {
      ...common,
      username: { type: 'string' },
      custom_id: { type: 'string' },
    },
    required: [...commonRequired],
  },
  unique: [
    { fields: ['username'], nulls: 'distinct' },
    { fields: ['custom_id'], nulls: 'distinct' },
  ],
  references: {},
  checks: [atLeastOne('custom_id', 'username')],
}
