import type { SecureVersion } from 'node:tls'

/** As they stand in a ClientHello (RFC 8446 section 4.1.2 and its predecessors), and in OpenSSL. */
export const versionNumbers: Readonly<Record<SecureVersion, number>> = {
  TLSv1: 0x0301,
  'TLSv1.1': 0x0302,
  'TLSv1.2': 0x0303,
  'TLSv1.3': 0x0304,
}
