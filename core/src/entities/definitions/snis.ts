import type { Definition } from '../definition.ts'
import { common, commonRequired, reference } from './common.ts'

export const snis: Definition = {
  name: 'snis',
  key: 'name',
  schema: {
    type: 'object',
    properties: {
      ...common,
      name: { type: 'string', format: 'sni' },
      certificate: reference,
    },
    required: [...commonRequired, 'name', 'certificate'],
  },
  unique: [{ fields: ['name'], nulls: 'distinct' }],
  references: {
    certificate: { entity: 'certificates', onDelete: 'cascade', nested: 'full' },
  },
  checks: [],
}
