import { atLeastOne, atMostOne } from '../choices.ts'
import type { Definition } from '../definition.ts'
import { faultOfJwk, faultOfPemPair } from '../key-checks.ts'
import { commonRequired, reference, stamps, tags } from './common.ts'

const formats = ['jwk', 'pem'] as const

export const keys: Definition = {
  name: 'keys',
  key: 'name',
  schema: {
    type: 'object',
    properties: {
      id: stamps.id,
      set: { ...reference, description: 'The key set that it is in.' },
      name: { type: 'string', description: 'A name to call it by in URLs.' },
      kid: { type: 'string', description: 'The id that tokens name it by.' },
      jwk: { type: 'string', description: 'The key as a JSON Web Key, in a text.' },
      pem: {
        type: 'object',
        properties: {
          private_key: { type: 'string', description: 'The private key, in PEM.' },
          public_key: { type: 'string', description: 'The public key, in PEM.' },
        },
        anyOf: [{ required: ['private_key'] }, { required: ['public_key'] }],
        description: 'The key as a pair in PEM.',
      },
      tags,
      created_at: stamps.created_at,
      updated_at: stamps.updated_at,
    },
    required: [...commonRequired, 'kid'],
  },
  unique: [
    { fields: ['name'], nulls: 'distinct' },
    { fields: ['kid', 'set'], nulls: 'equal' },
  ],
  references: { set: { entity: 'key_sets', onDelete: 'cascade', nested: 'full' } },
  attributes: { jwk: { encrypted: true } },
  checks: [
    atMostOne(...formats),
    atLeastOne(...formats),
    { on: ['jwk', 'kid'], fault: faultOfJwk },
    { on: ['pem'], fault: faultOfPemPair },
  ],
}
