import type { Definition } from '../definition.ts'
import { caCertificateChecks, digestCertificate } from '../certificate-checks.ts'
import { commonRequired, stamps, tags } from './common.ts'

export const caCertificates: Definition = {
  name: 'ca_certificates',
  schema: {
    type: 'object',
    properties: {
      ...stamps,
      cert: {
        type: 'string',
        format: 'certificate',
        description: 'The certificate of the authority, in PEM; one and no chain.',
      },
      cert_digest: {
        type: 'string',
        description: 'The SHA-256 of the certificate in hex; computed, whatever is written.',
      },
      tags,
    },
    required: [...commonRequired, 'cert'],
  },
  unique: [{ fields: ['cert_digest'], nulls: 'distinct' }],
  references: {},
  refine: digestCertificate,
  checks: caCertificateChecks,
}
