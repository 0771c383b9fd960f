import type { Definition } from '../definition.ts'
import { faultOfVault, refineVault, vaultKinds } from '../vault-kinds.ts'
import { commonRequired, stamps, tags } from './common.ts'

/** Where the secrets are that certificates refer to: `{vault://PREFIX/SECRET}`. */
export const vaults: Definition = {
  name: 'vaults',
  key: 'prefix',
  schema: {
    type: 'object',
    properties: {
      id: stamps.id,
      prefix: {
        type: 'string',
        format: 'vault-prefix',
        description: 'What references to its secrets begin with.',
      },
      name: { type: 'string', description: 'Which kind of vault it is.' },
      description: { type: 'string', description: 'What it is for.' },
      config: {
        type: 'object',
        additionalProperties: true,
        default: {},
        description: 'What the vault is told; the schema of its kind says what that is.',
      },
      created_at: stamps.created_at,
      updated_at: stamps.updated_at,
      tags,
    },
    required: [...commonRequired, 'prefix', 'name'],
  },
  unique: [{ fields: ['prefix'], nulls: 'distinct' }],
  references: {},
  refine: refineVault,
  kinds: () => vaultKinds,
  faultOfKind: faultOfVault,
  attributes: {
    prefix: {
      unique_across_ws: true,
      match: '^[a-z][a-z%d-]-[a-z%d]+$',
      not_one_of: Object.keys(vaultKinds),
    },
  },
  checks: [],
}
