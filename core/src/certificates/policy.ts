import type { TlsVersion } from '../settings/special.ts'

/** What a listener offers to its TLS clients, in the words of `tls.createSecureContext`. */
export interface TlsPolicy {
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
  /** TLS 1.3 suites and an OpenSSL cipher list, joined by colons. */
  readonly ciphers: string
  readonly honorCipherOrder: boolean
  /** Present when the list has finite-field Diffie-Hellman: OpenSSL's own groups (RFC 7919). */
  readonly dhparam?: 'auto'
}

export interface TlsPolicyInput {
  readonly cipherSuite: 'modern' | 'intermediate' | 'old' | 'fips' | 'custom'
  /** The three below count with `custom` only. */
  readonly ciphers?: string | undefined
  readonly protocols?: readonly TlsVersion[] | undefined
  /** Default: true. */
  readonly preferServerCiphers?: boolean | undefined
}

const versions: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

const tls13 = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256'

const forwardSecret = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'DHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-CHACHA20-POLY1305',
]

const legacy = [
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'DHE-RSA-AES128-SHA256',
  'DHE-RSA-AES256-SHA256',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA256',
  'AES256-SHA256',
  'AES128-SHA',
  'AES256-SHA',
  'DES-CBC3-SHA',
]

const suites = {
  modern: {
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ciphers: tls13,
    honorCipherOrder: false,
  },
  intermediate: {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: [tls13, ...forwardSecret].join(':'),
    honorCipherOrder: false,
    dhparam: 'auto',
  },
  // TLS 1.0 and 1.1 sign with SHA-1, which OpenSSL 3 allows at security level 0 only.
  old: {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.3',
    ciphers: ['@SECLEVEL=0', tls13, ...forwardSecret, ...legacy].join(':'),
    honorCipherOrder: true,
    dhparam: 'auto',
  },
  fips: {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    ciphers: 'TLSv1.2+FIPS:kRSA+FIPS:!eNULL:!aNULL',
    honorCipherOrder: true,
    dhparam: 'auto',
  },
} as const satisfies Record<string, TlsPolicy>

/** The protocols and ciphers of a suite. @throws TypeError when `custom` lacks a part or has a gap in its versions */
export function tlsPolicy(input: TlsPolicyInput): TlsPolicy {
  return input.cipherSuite === 'custom' ? customPolicy(input) : suites[input.cipherSuite]
}

function customPolicy({ ciphers, protocols, preferServerCiphers }: TlsPolicyInput): TlsPolicy {
  if (!ciphers) throw new TypeError('ssl_ciphers must be specified with ssl_cipher_suite = custom')
  const range = versionRange(protocols ?? ['TLSv1.2', 'TLSv1.3'])
  // A list without TLS 1.3 suites says nothing about TLS 1.3: OpenSSL keeps those apart, Node would switch it off.
  const silent = range.maxVersion === 'TLSv1.3' && !/(^|:)TLS_/.test(ciphers)
  return {
    ...range,
    ciphers: silent ? `${tls13}:${ciphers}` : ciphers,
    honorCipherOrder: preferServerCiphers ?? true,
    dhparam: 'auto',
  }
}

function versionRange(
  protocols: readonly TlsVersion[],
): Pick<TlsPolicy, 'minVersion' | 'maxVersion'> {
  const chosen = versions.filter((version) => protocols.includes(version))
  const [minVersion] = chosen
  const maxVersion = chosen.at(-1)
  if (!minVersion || !maxVersion) throw new TypeError('ssl_protocols names no protocol version')
  const span = versions.indexOf(maxVersion) - versions.indexOf(minVersion) + 1
  if (span !== chosen.length) {
    throw new TypeError(`ssl_protocols has a gap: ${chosen.join(' ')} (name all versions between)`)
  }
  return { minVersion, maxVersion }
}
