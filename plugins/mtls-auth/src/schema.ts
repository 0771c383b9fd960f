import { sourceFields, type Infer } from '@kong-ts/pdk'

const texts = { type: 'array', items: { type: 'string', minLength: 1 } } as const

export const schema = {
  type: 'object',
  properties: {
    ca_certificates: {
      type: 'array',
      minItems: 1,
      items: { type: 'string', format: 'ca_certificate' },
      description:
        'who may have signed the certificates of clients: ids of CA certificates, or certificates in PEM',
    },
    client_certificate: {
      enum: ['required', 'optional'],
      default: 'required',
      description:
        'whether a client without a certificate is refused; one that is shown is judged in either case',
    },
    allow_partial_chain: {
      type: 'boolean',
      default: false,
      description: 'whether a chain may end at a CA certificate that is no root',
    },
    allowed_names: {
      ...texts,
      description:
        'subject alternative names that are let in, as DNS:, URI:, email: or IP: and a name; * stands for any text',
    },
    allowed_subjects: {
      ...texts,
      description:
        'subjects that are let in, as CN=name,O=name: every part has to be in the subject; * stands for any text',
    },
    allowed_fingerprints: {
      ...texts,
      description: 'SHA-256 fingerprints of certificates that are let in, in hex',
    },
    revocation_check_mode: {
      enum: ['SKIP', 'IGNORE_CA_ERROR', 'STRICT'],
      default: 'IGNORE_CA_ERROR',
      description:
        'SKIP looks at no list; IGNORE_CA_ERROR refuses who is on a list; STRICT refuses whoever no current list speaks for, too',
    },
    crl: { ...texts, description: 'revocation lists in PEM' },
    crl_files: {
      type: 'array',
      items: { type: 'string', format: 'filename' },
      description: 'files of revocation lists, in PEM or DER',
    },
    crl_urls: {
      type: 'array',
      items: { type: 'string', pattern: String.raw`^https?://[^\s/?#]` },
      description: 'URLs of revocation lists, in PEM or DER',
    },
    crl_reload: {
      type: 'number',
      minimum: 1,
      maximum: 604_800,
      default: 60,
      description: 'seconds after which the files and URLs are read again',
    },
    http_timeout: {
      type: 'integer',
      minimum: 1,
      maximum: 9000,
      default: 5000,
      description: 'milliseconds in which a URL has to give the whole list',
    },
    ...sourceFields,
    skip_consumer_lookup: {
      const: true,
      default: true,
      description: 'accepted for Kong; layer 4 has no consumers to look up',
    },
  },
  required: ['ca_certificates'],
} as const

export type Config = Infer<typeof schema>
