import { X509Certificate } from 'node:crypto'
import { DerError, DerReader, numbered, readTime, tags, type Value } from './der.ts'
import { isSigned, readAlgorithm, type Algorithm } from './signature.ts'

/** A certificate revocation list (RFC 5280 section 5). */
export class Crl {
  /** The name of the issuer, DER in hex. */
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly thisUpdate: number
  /** By when there is a newer one; Infinity where it does not say. */
  readonly nextUpdate: number
  /** Serial numbers, in hex as DER has them. */
  readonly revoked: ReadonlySet<string>
  readonly #signed: Buffer
  readonly #algorithm: Algorithm
  readonly #signature: Buffer
  readonly #verdicts = new Map<string, boolean>()

  /** @throws DerError for what is no such list, or one that does not speak for all certificates of its issuer */
  constructor(der: Buffer) {
    const outer = new DerReader(der)
    const list = outer.take(tags.sequence).parts
    outer.end()
    const signed = list.take(tags.sequence)
    const algorithm = list.take(tags.sequence)
    const { contents: bits } = list.take(tags.bits)
    list.end()
    const body = signed.parts
    body.takeIf(tags.integer)
    // What is signed says how it is signed, too: else somebody could choose a weaker way to check it.
    if (!body.take(tags.sequence).whole.equals(algorithm.whole)) {
      throw new DerError('it names two signature algorithms')
    }
    this.issuer = body.take(tags.sequence).whole.toString('hex')
    this.thisUpdate = readTime(body.takeAny())
    this.nextUpdate = isTime(body.tag) ? readTime(body.takeAny()) : Infinity
    this.revoked = readEntries(body.takeIf(tags.sequence))
    const extensions = body.takeIf(numbered(0))
    body.end()
    if (extensions) refuseCritical(extensions.parts.take(tags.sequence))
    this.#signed = signed.whole
    this.#algorithm = readAlgorithm(algorithm.contents)
    if (bits[0] !== 0) throw new DerError('its signature is malformed')
    this.#signature = bits.subarray(1)
  }

  /** Looked at once for each issuer. */
  isSignedBy({ fingerprint256: fingerprint, publicKey }: X509Certificate): boolean {
    const known = this.#verdicts.get(fingerprint)
    if (known !== undefined) return known
    const verdict = isSigned(this.#signed, this.#signature, this.#algorithm, publicKey)
    this.#verdicts.set(fingerprint, verdict)
    return verdict
  }
}

function readEntries(entries: Value | undefined): ReadonlySet<string> {
  const serials = new Set<string>()
  if (!entries) return serials
  const reader = entries.parts
  while (reader.tag !== undefined) {
    const entry = reader.take(tags.sequence).parts
    serials.add(entry.take(tags.integer).hex)
    // When it was revoked makes no difference.
    if (!isTime(entry.tag)) throw new DerError('an entry has no date')
    entry.takeAny()
    const extensions = entry.takeIf(tags.sequence)
    if (extensions) refuseCritical(extensions)
    entry.end()
  }
  return serials
}

function isTime(tag: number | undefined): boolean {
  return tag === tags.utcTime || tag === tags.generalizedTime
}

/**
 * RFC 5280 section 5.2: a list with a critical extension that is not understood must not be relied on. Such are lists of
 * differences, lists of some certificates only, and entries of another issuer.
 */
function refuseCritical({ parts }: Value): void {
  while (parts.tag !== undefined) {
    const extension = parts.take(tags.sequence).parts
    const oid = extension.take(tags.oid).hex
    const critical = extension.takeIf(tags.boolean)
    extension.take(tags.octets)
    extension.end()
    if (critical && critical.hex !== '00') {
      throw new DerError(
        `it has a critical extension (${named[oid] ?? oid}), which is not supported`,
      )
    }
  }
}

const named: Readonly<Record<string, string>> = {
  '551d1b': 'delta CRL indicator',
  '551d1c': 'issuing distribution point',
  '551d1d': 'certificate issuer',
}

const block = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/g

/** The lists of a file: one in DER, or one or more in PEM. @throws DerError saying what is wrong */
export function readCrls(bytes: Buffer): readonly Crl[] {
  const text = bytes.toString('latin1')
  if (bytes[0] === tags.sequence && !text.includes('-----BEGIN')) return [new Crl(bytes)]
  const blocks = [...text.matchAll(block)].map(([, base64 = '']) => Buffer.from(base64, 'base64'))
  if (blocks.length === 0) throw new DerError('there is no revocation list in it')
  return blocks.map((der) => new Crl(der))
}
