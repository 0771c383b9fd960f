import type { Check, Definition } from '../definition.ts'
import { stringsIn } from '../fields.ts'
import { proxyProtocolChecks } from '../proxy-protocol-checks.ts'
import { proxyProtocol } from '../proxy-protocol-shape.ts'
import { expandUrl } from '../service-url.ts'
import { commonRequired, milliseconds, port, protocol, reference, stamps, tags } from './common.ts'

export const services: Definition = {
  name: 'services',
  key: 'name',
  schema: {
    type: 'object',
    properties: {
      ...stamps,
      name: { type: 'string', format: 'utf8-name', description: 'A name to call it by in URLs.' },
      retries: {
        type: 'integer',
        default: 5,
        minimum: 0,
        maximum: 32_767,
        description: 'How often another connect to the upstream is tried after one has failed.',
      },
      protocol: {
        ...protocol,
        default: 'http',
        description: 'What is spoken to the upstream; tls encrypts the connection to it.',
      },
      host: {
        type: 'string',
        format: 'host',
        description: 'The upstream: a host name, an address or the name of an upstream entity.',
      },
      port: { ...port, default: 80, description: 'The port of the upstream.' },
      path: { type: 'string', format: 'path', description: 'Kept for HTTP; no use on layer 4.' },
      connect_timeout: { ...milliseconds, description: 'Milliseconds for a connect.' },
      write_timeout: {
        ...milliseconds,
        description: 'Milliseconds that may pass between two writes to the upstream.',
      },
      read_timeout: {
        ...milliseconds,
        description: 'Milliseconds that may pass between two reads from the upstream.',
      },
      tags,
      client_certificate: {
        ...reference,
        description: 'The certificate that is shown to an upstream that asks for one.',
      },
      tls_verify: {
        type: 'boolean',
        description: 'Whether the certificate of the upstream is verified.',
      },
      tls_verify_depth: {
        type: 'integer',
        minimum: 0,
        maximum: 64,
        description: 'How long the chain of certificates of the upstream may be.',
      },
      ca_certificates: {
        type: 'array',
        items: { type: 'string', format: 'uuid', description: 'The id of a CA certificate.' },
        description: 'The authorities that the certificate of the upstream is verified by.',
      },
      enabled: { type: 'boolean', default: true, description: 'Whether its routes are served.' },
      ...proxyProtocol,
    },
    required: [...commonRequired, 'protocol', 'host', 'port', 'enabled'],
  },
  unique: [{ fields: ['name'], nulls: 'distinct' }],
  references: {
    client_certificate: {
      entity: 'certificates',
      onDelete: 'restrict',
      nested: 'list',
      upward: true,
    },
    ca_certificates: {
      entity: 'ca_certificates',
      onDelete: 'restrict',
      many: true,
      nested: 'none',
    },
  },
  expand: expandUrl,
  shorthands: {
    url: {
      type: 'string',
      description: 'protocol, host, port and path in one: tcp://db.example:5432',
    },
  },
  attributes: { tls_verify_depth: { default: null } },
  checks: [
    mustBeNull('path', { one_of: ['tcp', 'tls', 'udp', 'grpc', 'grpcs'] }),
    ...['client_certificate', 'tls_verify', 'tls_verify_depth', 'ca_certificates'].map((field) =>
      mustBeNull(field, { not_one_of: ['https', 'tls'] }),
    ),
    ...proxyProtocolChecks,
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
