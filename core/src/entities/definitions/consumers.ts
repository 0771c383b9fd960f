import { atLeastOne } from '../choices.ts'
import type { Definition } from '../definition.ts'
import { commonRequired, stamps, tags } from './common.ts'

/** Nobody authenticates on layer 4: consumers are kept for the clients that manage them. */
export const consumers: Definition = {
  name: 'consumers',
  key: 'username',
  schema: {
    type: 'object',
    properties: {
      ...stamps,
      username: { type: 'string', description: 'A name to call it by in URLs.' },
      custom_id: { type: 'string', description: 'What another system calls it.' },
      tags,
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
