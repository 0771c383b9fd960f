import { atLeastOne, atMostOne } from '../choices.ts'
import type { Definition } from '../definition.ts'
import { faultOfJwk, faultOfPemPair } from '../key-checks.ts'
import { common, commonRequired, reference } from './common.ts'

const formats = ['jwk', 'pem'] as const

export const keys: Definition = {
  name: 'keys',
  key: 'name',
  schema: {
    type: 'object',
    properties: {
      ...common,
      set: reference,
      name: { type: 'string' },
      kid: { type: 'string' },
      jwk: { type: 'string' },
      pem: {
        type: 'object',
        properties: { private_key: { type: 'string' }, public_key: { type: 'string' } },
        anyOf: [{ required: ['private_key'] }, { required: ['public_key'] }],
      },
    },
    required: [...commonRequired, 'kid'],
  },
  unique: [
    { fields: ['name'], nulls: 'distinct' },
    { fields: ['kid', 'set'], nulls: 'equal' },
  ],
  references: { set: { entity: 'key_sets', onDelete: 'cascade', nested: 'full' } },
  checks: [
    atMostOne(...formats),
    atLeastOne(...formats),
    { on: ['jwk', 'kid'], fault: faultOfJwk },
    { on: ['pem'], fault: faultOfPemPair },
  ],
}
