import type { Definition } from '../definition.ts'
import { refineVault, vaultKinds } from '../vault-kinds.ts'
import { common, commonRequired } from './common.ts'

/** Kept for the clients that manage them: settings and entities hold no references to secrets. */
export const vaults: Definition = {
  name: 'vaults',
  key: 'prefix',
  schema: {
    type: 'object',
    properties: {
      ...common,
      prefix: { type: 'string', format: 'vault-prefix' },
      name: { type: 'string' },
      description: { type: 'string' },
      config: { type: 'object', additionalProperties: true, default: {} },
    },
    required: [...commonRequired, 'prefix', 'name'],
  },
  unique: [{ fields: ['prefix'], nulls: 'distinct' }],
  references: {},
  refine: refineVault,
  kinds: () => vaultKinds,
  checks: [],
}
