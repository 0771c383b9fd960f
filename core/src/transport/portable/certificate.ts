import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { ClientCertificate } from '@kong-ts/pdk'
import { codeOf } from './failures.ts'

/** The client's certificate of a finished handshake; undefined where the client sent none. */
export function clientCertificateOf(stream: TLSSocket): ClientCertificate | undefined {
  const certificate = stream.getPeerX509Certificate()
  if (!certificate) return undefined
  return describeCertificate(certificate, verifyFailure(stream), [...above(certificate)])
}

/** What the client sent after its certificate. */
function* above({ issuerCertificate: next }: X509Certificate): Generator<X509Certificate> {
  // One that issued itself is the last.
  for (
    let at = next, last: X509Certificate | undefined;
    at && at !== last;
    at = last.issuerCertificate
  ) {
    yield (last = at)
  }
}

/**
 * @param failure why the chain is not trusted; undefined: it is
 * @param chain what came with it
 */
export function describeCertificate(
  certificate: X509Certificate,
  failure: string | undefined,
  chain: readonly X509Certificate[] = [],
): ClientCertificate {
  return {
    verified: failure === undefined,
    ...(failure !== undefined && { failure }),
    subject: distinguishedName(certificate.subject),
    names: splitNames(certificate.subjectAltName),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    pem: certificate.toString(),
    ...(chain.length > 0 && { chain: chain.map(String) }),
  }
}

/**
 * OpenSSL's verdict on the chain. Node sets `authorized` only for sockets of a `tls.Server`, so the handle is asked;
 * should Node ever hide it, no certificate counts as verified.
 */
function verifyFailure(stream: TLSSocket): string | undefined {
  const handle: unknown = Reflect.get(stream, '_handle')
  if (!isVerifying(handle)) return 'the verdict is not available'
  const error = handle.verifyError()
  if (!error) return undefined
  return codeOf(error) || error.message
}

interface Verifying {
  verifyError(): Error | null | undefined
}

function isVerifying(handle: unknown): handle is Verifying {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    'verifyError' in handle &&
    typeof handle.verifyError === 'function'
  )
}

/** RFC 4514: the most specific part first, parts separated by commas. Node gives one escaped part per line. */
export function distinguishedName(subject: string | undefined): string {
  return (subject ?? '').split('\n').toReversed().join(',')
}

/** Splits `DNS:a, IP Address:1.2.3.4`; a name that holds special characters arrives quoted as in JSON. */
export function splitNames(list: string | undefined): string[] {
  const entries = (list ?? '').match(/[^:,]+:(?:"(?:[^"\\]|\\.)*"|[^,]*)/g) ?? []
  return entries.map((entry) => {
    const colon = entry.indexOf(':')
    const value = entry.slice(colon + 1)
    return `${entry.slice(0, colon).trim()}:${value.startsWith('"') ? unquote(value) : value}`
  })
}

function unquote(value: string): string {
  try {
    return String(JSON.parse(value))
  } catch {
    // Not JSON after all: the quoted form still names what the certificate says.
    return value
  }
}
