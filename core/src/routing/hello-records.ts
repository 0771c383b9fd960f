import { MalformedBytes } from './byte-reader.ts'

/** The content type of a TLS handshake record (RFC 8446 section 5.1). */
const HANDSHAKE = 0x16
const CLIENT_HELLO = 1
const RECORD_HEADER = 5
const MESSAGE_HEADER = 4
/** The longest fragment of a plaintext record: the 256 bytes more are for encrypted ones alone. */
const MAX_FRAGMENT = 16_384
/** What the fields of a ClientHello can hold at most (RFC 8446 section 4.1.2). */
const MAX_BODY = 2 + 32 + 33 + 2 + 65_534 + 256 + 2 + 65_535

/** Whether a session whose first byte is this one speaks TLS. */
export function isTlsRecord(firstByte: number): boolean {
  return firstByte === HANDSHAKE
}

/** The body of the ClientHello, or how many bytes are needed in all before it can be complete. */
export type Assembled = { readonly body: Uint8Array } | { readonly atLeast: number }

/**
 * Puts a ClientHello together that is split over records (RFC 8446 section 5.1). What follows the record in which
 * it ends is not looked at.
 * @throws MalformedBytes as early as the bytes show it
 */
export function assembleHello(bytes: Uint8Array): Assembled {
  return whole(bytes) ?? gather(bytes)
}

/** As it nearly always is: all of the message in the first record, and nothing else in that. */
function whole(bytes: Uint8Array): Assembled | undefined {
  const length = u16(bytes, 3)
  const message = (bytes[6] ?? 0) * 65_536 + u16(bytes, 7) + MESSAGE_HEADER
  const isWhole =
    bytes[0] === HANDSHAKE &&
    bytes[1] === 3 &&
    bytes[RECORD_HEADER] === CLIENT_HELLO &&
    length === message &&
    length <= MAX_FRAGMENT &&
    bytes.length >= RECORD_HEADER + length
  if (!isWhole) return undefined
  return { body: bytes.subarray(RECORD_HEADER + MESSAGE_HEADER, RECORD_HEADER + length) }
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
}

function gather(bytes: Uint8Array): Assembled {
  const fragments: Uint8Array[] = []
  let collected = 0
  let at = 0
  let total: number | undefined
  for (;;) {
    const length = readHeader(bytes, at)
    const start = at + RECORD_HEADER
    const fragment = bytes.subarray(start, start + (length ?? 0))
    fragments.push(fragment)
    total ??= messageLength(fragments)
    const missing = (total ?? MESSAGE_HEADER) - collected
    if (length === undefined) return { atLeast: at + spread(missing) }
    refuseExcess(length, total, missing)
    if (fragment.length < length) return { atLeast: start + length + spread(missing - length) }
    collected += length
    at = start + length
    if (collected === total) return { body: join(fragments).subarray(MESSAGE_HEADER) }
  }
}

/** No message can follow a ClientHello before it is answered. */
function refuseExcess(length: number, total: number | undefined, missing: number): void {
  if (total !== undefined && length > missing) {
    throw new MalformedBytes('bytes follow the ClientHello in its record')
  }
}

/** The length of the fragment, or undefined when the header is incomplete. */
function readHeader(bytes: Uint8Array, at: number): number | undefined {
  if (at >= bytes.length) return undefined
  const type = bytes[at]
  const major = bytes[at + 1] ?? 3
  const high = bytes[at + 3]
  const low = bytes[at + 4]
  if (type !== HANDSHAKE) throw new MalformedBytes('a record is not a handshake record')
  if (major !== 3) throw new MalformedBytes('a record has an unknown version')
  return high === undefined || low === undefined ? undefined : checkLength(high * 256 + low)
}

function checkLength(length: number): number {
  if (length === 0) throw new MalformedBytes('a record is empty')
  if (length > MAX_FRAGMENT) throw new MalformedBytes('a record is too long')
  return length
}

/** The length of the message with its header, once that header has arrived. */
function messageLength(fragments: readonly Uint8Array[]): number | undefined {
  const [type, high, middle, low] = head(fragments)
  if (type !== undefined && type !== CLIENT_HELLO) {
    throw new MalformedBytes('the first handshake message is not a ClientHello')
  }
  if (high === undefined || middle === undefined || low === undefined) return undefined
  const length = high * 65_536 + middle * 256 + low
  if (length > MAX_BODY) throw new MalformedBytes('the ClientHello is longer than one can be')
  return MESSAGE_HEADER + length
}

/** The first bytes of the message, from as many fragments as it takes. */
function head(fragments: readonly Uint8Array[]): readonly number[] {
  const first: number[] = []
  for (const fragment of fragments) {
    first.push(...fragment.subarray(0, MESSAGE_HEADER - first.length))
    if (first.length === MESSAGE_HEADER) break
  }
  return first
}

/** The fewest bytes on the wire that carry so many bytes of a message in new records. */
function spread(count: number): number {
  return count <= 0 ? 0 : count + Math.ceil(count / MAX_FRAGMENT) * RECORD_HEADER
}

function join(fragments: readonly Uint8Array[]): Uint8Array {
  const [only] = fragments
  if (only && fragments.length === 1) return only
  const size = fragments.reduce((sum, fragment) => sum + fragment.length, 0)
  const joined = new Uint8Array(size)
  let at = 0
  for (const fragment of fragments) {
    joined.set(fragment, at)
    at += fragment.length
  }
  return joined
}
