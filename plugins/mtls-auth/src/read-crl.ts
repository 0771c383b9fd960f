import { setImmediate as pause } from 'node:timers/promises'
import { DerError, DerReader, numbered, readTime, tags, type Value } from './der.ts'
import { longestSerial, stride, tabulate, type SerialTable } from './serials.ts'
import { readAlgorithm, type Algorithm } from './signature.ts'

/** What a certificate revocation list says (RFC 5280 section 5): structured-cloneable. */
export interface CrlFacts {
  readonly der: Uint8Array
  /** The name of the issuer, DER in hex. */
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly thisUpdate: number
  /** By when there is a newer one; Infinity where it does not say. */
  readonly nextUpdate: number
  /** Which of its issuer's lists it is (section 5.2.3), the higher the newer; 0 where it does not say. */
  readonly sequence: bigint
  readonly serials: SerialTable
  /** From where to where in `der`. */
  readonly signed: Span
  readonly signature: Span
  readonly algorithm: Algorithm
}

type Span = readonly [from: number, to: number]

/**
 * Reads a list in DER, in slices: whatever its length, no connection waits for it.
 * @throws DerError for what is no such list, or one that does not speak for all certificates of its issuer
 */
export async function readCrl(der: Buffer): Promise<CrlFacts> {
  const outer = new DerReader(der)
  const list = outer.take(tags.sequence).parts
  outer.end()
  const signed = list.take(tags.sequence)
  const algorithm = list.take(tags.sequence)
  const bits = list.take(tags.bits)
  list.end()
  const body = signed.parts
  body.takeIf(tags.integer)
  // What is signed says how it is signed, too: else somebody could choose a weaker way to check it.
  if (!body.take(tags.sequence).whole.equals(algorithm.whole)) {
    throw new DerError('it names two signature algorithms')
  }
  const issuer = body.take(tags.sequence).whole.toString('hex')
  const thisUpdate = readTime(body.takeAny())
  const nextUpdate = isTime(body.tag) ? readTime(body.takeAny()) : Infinity
  const entries = body.takeIf(tags.sequence)
  const extensions = body.takeIf(numbered(0))
  body.end()
  const said = extensions?.parts.take(tags.sequence)
  if (said) refuseCritical(said)
  if (bits.contents[0] !== 0) throw new DerError('its signature is malformed')
  return {
    der,
    issuer,
    thisUpdate,
    nextUpdate,
    sequence: said ? readSequence(said) : 0n,
    algorithm: readAlgorithm(algorithm.contents),
    serials: await tabulate(der, await findSerials(entries)),
    signed: [signed.at, signed.end],
    signature: [bits.start + 1, bits.end],
  }
}

/** Where the serial numbers of the entries begin. */
async function findSerials(entries: Value | undefined): Promise<readonly number[]> {
  const places: number[] = []
  if (!entries) return places
  const reader = entries.parts
  while (reader.tag !== undefined) {
    places.push(readEntry(reader.take(tags.sequence)))
    if (places.length % stride === 0) await pause()
  }
  return places
}

function readEntry({ parts: entry }: Value): number {
  const { at, start, end } = entry.take(tags.integer)
  // The byte before the contents is their length then, and nothing else.
  if (end - start > longestSerial || start - at !== 2) {
    throw new DerError('a serial number is malformed')
  }
  // When it was revoked makes no difference.
  if (!isTime(entry.tag)) throw new DerError('an entry has no date')
  entry.takeAny()
  const extensions = entry.takeIf(tags.sequence)
  if (extensions) refuseCritical(extensions)
  entry.end()
  return start
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

/** Its extension "CRL number". */
function readSequence({ parts }: Value): bigint {
  while (parts.tag !== undefined) {
    const extension = parts.take(tags.sequence).parts
    const isNumber = extension.take(tags.oid).hex === '551d14'
    extension.takeIf(tags.boolean)
    const { contents } = extension.take(tags.octets)
    if (isNumber) return BigInt(`0x0${new DerReader(contents).take(tags.integer).hex}`)
  }
  return 0n
}

/**
 * Sorts the older of two lists first. Times are whole seconds, in which somebody may have been revoked: the number of
 * the list tells then.
 */
export function byAge(
  one: Pick<CrlFacts, 'thisUpdate' | 'sequence'>,
  other: Pick<CrlFacts, 'thisUpdate' | 'sequence'>,
): number {
  return one.thisUpdate - other.thisUpdate || Number(one.sequence - other.sequence)
}

const named: Readonly<Record<string, string>> = {
  '551d1b': 'delta CRL indicator',
  '551d1c': 'issuing distribution point',
  '551d1d': 'certificate issuer',
}

/** How many characters are decoded without a pause. */
const stretch = 256 * 1024

/** What is written in base64, with white space anywhere. */
async function decode(base64: Buffer): Promise<Buffer> {
  const decoded = Buffer.alloc(Math.ceil((base64.length * 3) / 4))
  let length = 0
  let rest = ''
  for (let from = 0; from < base64.length; from += stretch) {
    const text = rest + base64.toString('latin1', from, from + stretch).replaceAll(/\s+/g, '')
    const whole = text.length - (text.length % 4)
    length += decoded.write(text.slice(0, whole), length, 'base64')
    rest = text.slice(whole)
    await pause()
  }
  length += decoded.write(rest, length, 'base64')
  return decoded.subarray(0, length)
}

const [begin, end] = ['-----BEGIN X509 CRL-----', '-----END X509 CRL-----']

/** The lists of a file: one in DER, or one or more in PEM. @throws DerError saying what is wrong */
export async function readCrls(bytes: Buffer): Promise<readonly CrlFacts[]> {
  const first = bytes.indexOf(begin)
  if (first < 0 && bytes[0] === tags.sequence) return [await readCrl(bytes)]
  const lists: CrlFacts[] = []
  for (let from = first; from >= 0; from = bytes.indexOf(begin, from)) {
    const to = bytes.indexOf(end, from)
    if (to < 0) throw new DerError('a revocation list is cut short')
    lists.push(await readCrl(await decode(bytes.subarray(from + begin.length, to))))
    from = to
  }
  if (lists.length === 0) throw new DerError('there is no revocation list in it')
  return lists
}
