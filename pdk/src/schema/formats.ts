import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { complainOfCertificates } from './certificates-format.ts'
import { complainOfExpression } from '../records/expression.ts'
import type { Format } from './format.ts'
import { httpFormats } from './http-formats.ts'
import { complainOfFieldPath } from '../records/put-field.ts'

const hostname =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?$/i
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const filename = /^[^\s*&%`][^*&%`]*[^\s*&%`]$/
const withPort = /^(?:[^:]+|\[.*\]):\d+$/

/** The formats a schema may name. */
export const formats: Readonly<Record<string, Format>> = {
  ip: {
    accepts: isAddress,
    complain: (value) => `not an ip address: ${value}`,
  },
  ip_or_cidr: {
    accepts: isAddressOrRange,
    complain: (value) => `invalid ip or cidr range: '${value}'`,
  },
  host: {
    accepts: (value) => isAddress(value) || isHostname(value),
    complain: (value) =>
      withPort.test(value) ? 'must not have a port' : `invalid value: ${value}`,
  },
  uuid: {
    accepts: (value) => uuid.test(value),
    complain: () => 'expected a valid UUID',
  },
  ca_certificate: {
    accepts: (value) => uuid.test(value) || isCertificate(value),
    complain: () => 'expected the id of a CA certificate, or a certificate in PEM',
  },
  filename: {
    accepts: (value) => filename.test(value),
    complain: () => 'not a valid filename',
  },
  certificates: {
    accepts: (value) => complainOfCertificates(value) === undefined,
    complain: (value) => complainOfCertificates(value) ?? '',
  },
  expression: {
    accepts: (value) => complainOfExpression(value) === undefined,
    complain: (value) => `not an expression: ${complainOfExpression(value)}`,
  },
  field_path: {
    accepts: (value) => complainOfFieldPath(value) === undefined,
    complain: (value) => complainOfFieldPath(value) ?? '',
  },
  not_lua: {
    accepts: () => false,
    complain: () => 'Lua is not run here; write an expression in custom_fields',
  },
  ...httpFormats,
}

/** An address without a zone: a zone names an interface of one machine. */
function isAddress(value: string): boolean {
  return isIP(value) !== 0 && !value.includes('%')
}

function isCertificate(value: string): boolean {
  if (!value.includes('-----BEGIN CERTIFICATE-----')) return false
  try {
    return new X509Certificate(value).raw.length > 0
  } catch {
    // What cannot be read is none.
    return false
  }
}

/** Four numbers are an address or a mistake, never a name. */
function isHostname(value: string): boolean {
  return hostname.test(value) && !/^[\d.]+$/.test(value)
}

/** An address, or an address, a slash and a prefix length (RFC 4632 section 3.1, RFC 4291 section 2.3). */
function isAddressOrRange(value: string): boolean {
  const [address = '', prefix, ...rest] = value.split('/')
  if (rest.length > 0 || !isAddress(address)) return false
  if (prefix === undefined) return true
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIP(address) === 4 ? 32 : 128)
}
