import { boolean, listOf, oneOf, optional, string } from './kind.ts'
import { certificate, privateKey, trust } from './pem.ts'
import type { Setting } from './setting.ts'
import { tlsVersions } from './special.ts'
import { duration } from './units.ts'

/** The settings of TLS, towards clients and upstreams. */
export const tlsSchema = {
  ssl_cert: {
    kind: listOf(certificate()),
    default: '',
    description: 'Default certificates, one for each kind of key. Not set: generated.',
  },
  ssl_cert_key: {
    kind: listOf(privateKey()),
    default: '',
    secret: true,
    description: 'The keys of `ssl_cert`, in the same order.',
  },
  ssl_cipher_suite: {
    kind: oneOf(['modern', 'intermediate', 'old', 'fips', 'custom']),
    default: 'intermediate',
    description:
      'Protocols and ciphers for clients, by the names of Mozilla; `custom` takes the next two.',
  },
  ssl_ciphers: {
    kind: optional(string('OpenSSL cipher list')),
    default: '',
    description: 'Ciphers, with `ssl_cipher_suite = custom`.',
  },
  ssl_protocols: {
    kind: tlsVersions(),
    default: 'TLSv1.2 TLSv1.3',
    description: 'Protocol versions, with `ssl_cipher_suite = custom`.',
  },
  ssl_session_tickets: {
    kind: boolean(),
    default: 'on',
    description: 'Whether clients may resume TLS sessions.',
  },
  ssl_session_timeout: {
    kind: duration({ min: '1s', max: '7d' }),
    default: '1d',
    description: 'How long a TLS session may be resumed.',
  },
  client_ssl: {
    kind: boolean(),
    default: 'off',
    description: 'Presents a certificate to TLS upstreams whose service has none of its own.',
  },
  client_ssl_cert: {
    kind: optional(certificate()),
    default: '',
    description: 'That certificate.',
  },
  client_ssl_cert_key: {
    kind: optional(privateKey()),
    default: '',
    secret: true,
    description: 'Its key.',
  },
  trusted_certificate: {
    kind: trust(),
    default: 'system',
    aliases: ['lua_ssl_trusted_certificate'],
    description:
      'Authorities that verify upstreams, and servers of plugins, where these name none.',
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>
