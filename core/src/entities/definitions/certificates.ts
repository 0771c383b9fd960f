import type { Definition } from '../definition.ts'
import { certificateChecks } from '../certificate-checks.ts'
import { common, commonRequired } from './common.ts'

export const certificates: Definition = {
  name: 'certificates',
  schema: {
    type: 'object',
    properties: {
      ...common,
      cert: { type: 'string', format: 'certificate' },
      key: { type: 'string', format: 'key' },
      cert_alt: { type: 'string', format: 'certificate' },
      key_alt: { type: 'string', format: 'key' },
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
  checks: certificateChecks,
}
