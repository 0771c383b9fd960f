import type { Definition } from '../definition.ts'
import { caCertificateChecks, digestCertificate } from '../certificate-checks.ts'
import { common, commonRequired } from './common.ts'

export const caCertificates: Definition = {
  name: 'ca_certificates',
  schema: {
    type: 'object',
    properties: {
      ...common,
      cert: { type: 'string', format: 'certificate' },
      cert_digest: { type: 'string' },
    },
    required: [...commonRequired, 'cert'],
  },
  unique: [{ fields: ['cert_digest'], nulls: 'distinct' }],
  references: {},
  refine: digestCertificate,
  checks: caCertificateChecks,
}
