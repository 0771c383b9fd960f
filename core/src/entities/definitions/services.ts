import type { Check, Definition } from '../definition.ts'
import { stringsIn } from '../fields.ts'
import { expandUrl } from '../service-url.ts'
import { common, commonRequired, milliseconds, port, protocol, reference } from './common.ts'

export const services: Definition = {
  name: 'services',
  key: 'name',
  schema: {
    type: 'object',
    properties: {
      ...common,
      name: { type: 'string', format: 'utf8-name' },
      protocol: { ...protocol, default: 'http' },
      host: { type: 'string', format: 'host' },
      port: { ...port, default: 80 },
      path: { type: 'string', format: 'path' },
      retries: { type: 'integer', default: 5, minimum: 0, maximum: 32_767 },
      connect_timeout: milliseconds,
      write_timeout: milliseconds,
      read_timeout: milliseconds,
      client_certificate: reference,
      tls_verify: { type: 'boolean' },
      tls_verify_depth: { type: 'integer', minimum: 0, maximum: 64 },
      ca_certificates: { type: 'array', items: { type: 'string', format: 'uuid' } },
      enabled: { type: 'boolean', default: true },
    },
    required: [...commonRequired, 'protocol', 'host', 'port', 'enabled'],
  },
  unique: [{ fields: ['name'], nulls: 'distinct' }],
  references: {
    client_certificate: { entity: 'certificates', onDelete: 'restrict', nested: 'list' },
    ca_certificates: {
      entity: 'ca_certificates',
      onDelete: 'restrict',
      many: true,
      nested: 'none',
    },
  },
  expand: expandUrl,
  checks: [
    mustBeNull('path', { one_of: ['tcp', 'tls', 'udp', 'grpc', 'grpcs'] }),
    ...['client_certificate', 'tls_verify', 'tls_verify_depth', 'ca_certificates'].map((field) =>
      mustBeNull(field, { not_one_of: ['https', 'tls'] }),
    ),
  ],
}

type Match = { readonly one_of: readonly string[] } | { readonly not_one_of: readonly string[] }

function mustBeNull(field: string, match: Match): Check {
  return {
    on: ['protocol', field],
    fault(row) {
      const [name = ''] = stringsIn([row['protocol']])
      if (row[field] === null || !matches(match, name)) return undefined
      return {
        [field]: 'value must be null',
        '@entity': ["failed conditional validation given value of field 'protocol'"],
      }
    },
    rule: {
      conditional: {
        if_field: 'protocol',
        if_match: match,
        then_field: field,
        then_match: { eq: null },
      },
    },
  }
}

function matches(match: Match, name: string): boolean {
  return 'one_of' in match ? match.one_of.includes(name) : !match.not_one_of.includes(name)
}
