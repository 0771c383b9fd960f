import type { Definition } from '../definition.ts'
import { certificateChecks } from '../certificate-checks.ts'
import { commonRequired, stamps, tags } from './common.ts'

export const certificates: Definition = {
  name: 'certificates',
  schema: {
    type: 'object',
    properties: {
      ...stamps,
      cert: {
        type: 'string',
        format: 'certificate',
        description: 'The certificate and its chain, in PEM.',
      },
      key: { type: 'string', format: 'key', description: 'The private key, in PEM.' },
      cert_alt: {
        type: 'string',
        format: 'certificate',
        description: 'A second certificate with a key of another type, in PEM.',
      },
      key_alt: {
        type: 'string',
        format: 'key',
        description: 'The private key of the second certificate, in PEM.',
      },
      tags,
    },
    required: [...commonRequired, 'cert', 'key'],
  },
  unique: [],
  references: {},
  owned: {
    field: 'snis',
    entity: 'snis',
    key: 'name',
    reference: 'certificate',
    unknown: 'SNI not found',
  },
  attributes: {
    cert: { referenceable: true },
    key: { referenceable: true, encrypted: true },
    cert_alt: { referenceable: true },
    key_alt: { referenceable: true, encrypted: true },
  },
  checks: certificateChecks,
}
