import type { Definition } from '../definition.ts'
import { commonRequired, reference, stamps, tags } from './common.ts'

export const snis: Definition = {
  name: 'snis',
  key: 'name',
  schema: {
    type: 'object',
    properties: {
      id: stamps.id,
      name: {
        type: 'string',
        format: 'sni',
        description: 'A server name; a wildcard may stand at one end of it.',
      },
      created_at: stamps.created_at,
      updated_at: stamps.updated_at,
      tags,
      certificate: { ...reference, description: 'The certificate that the name is served with.' },
    },
    required: [...commonRequired, 'name', 'certificate'],
  },
  unique: [{ fields: ['name'], nulls: 'distinct' }],
  references: {
    certificate: { entity: 'certificates', onDelete: 'cascade', nested: 'full' },
  },
  attributes: { name: { unique_across_ws: true } },
  checks: [],
}
