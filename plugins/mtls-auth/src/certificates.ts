import { X509Certificate } from 'node:crypto'
import { DerReader, numbered, tags } from './der.ts'

/** What a revocation list knows a certificate by. */
export interface Named {
  /** The name of its issuer, DER in hex. */
  readonly issuer: string
  /** In hex as DER has it. */
  readonly serial: string
  /** Its own name, DER in hex. */
  readonly subject: string
}

const known = new WeakMap<X509Certificate, Named>()

/** Reads what Node tells as text only, and text does not tell apart everything. */
export function namesOf(certificate: X509Certificate): Named {
  const before = known.get(certificate)
  if (before) return before
  const names = readNames(certificate)
  known.set(certificate, names)
  return names
}

function readNames({ raw }: X509Certificate): Named {
  const body = new DerReader(raw).take(tags.sequence).parts.take(tags.sequence).parts
  body.takeIf(numbered(0))
  const serial = body.take(tags.integer).hex
  body.take(tags.sequence)
  const issuer = body.take(tags.sequence).whole.toString('hex')
  body.take(tags.sequence)
  const subject = body.take(tags.sequence).whole.toString('hex')
  return { issuer, serial, subject }
}

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The certificates of a PEM text. */
export function readCertificates(pem: string): readonly X509Certificate[] {
  return (pem.match(block) ?? []).map((text) => new X509Certificate(text))
}

/** Chains are short; one that a client makes up must not cost more. */
const longest = 10

/**
 * A certificate and its issuers up to a root, or as far as they are known. Each is looked for among the authorities and
 * what the client sent. Undefined: it does not lead to an authority.
 */
export function pathOf(
  leaf: X509Certificate,
  sent: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): readonly X509Certificate[] | undefined {
  const path = [leaf]
  const candidates = [...authorities, ...sent.slice(0, longest).filter(({ ca }) => ca)]
  for (let at = leaf; path.length <= longest;) {
    const issuer = candidates.find((each) => !path.includes(each) && isIssuer(each, at))
    if (!issuer) break
    path.push((at = issuer))
  }
  const trusted = new Set(authorities.map(({ fingerprint256 }) => fingerprint256))
  return path.some(({ fingerprint256 }) => trusted.has(fingerprint256)) ? path : undefined
}

function isIssuer(issuer: X509Certificate, of: X509Certificate): boolean {
  return of.checkIssued(issuer) && of.verify(issuer.publicKey)
}
