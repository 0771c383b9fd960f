/**
 * The little of DER (ITU-T X.690 section 10) that certificates need: a writer for each type that is used, and a
 * reader that splits a constructed value.
 */

/** Tag, length, contents. The tag is one byte: certificates have no higher tag numbers. */
export function tlv(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes = unsigned(length)
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

function unsigned(value: number): Buffer {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
}

export function sequence(...items: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...items)
}

export function set(...items: readonly Uint8Array[]): Buffer {
  return tlv(0x31, ...items)
}

export function octets(...contents: readonly Uint8Array[]): Buffer {
  return tlv(0x04, ...contents)
}

/** Whole bytes; none of the last byte's bits is unused. */
export function bits(bytes: Uint8Array, unused = 0): Buffer {
  return tlv(0x03, Buffer.from([unused]), bytes)
}

export function boolean(value: boolean): Buffer {
  return tlv(0x01, Buffer.from([value ? 0xff : 0]))
}

export function utf8(text: string): Buffer {
  return tlv(0x0c, Buffer.from(text, 'utf8'))
}

export function printable(text: string): Buffer {
  return tlv(0x13, Buffer.from(text, 'latin1'))
}

/** A value that is not negative, most significant byte first. */
export function integer(value: Uint8Array): Buffer {
  let first = 0
  while (first < value.length - 1 && value[first] === 0) first += 1
  const digits = value.subarray(first)
  const sign = (digits[0] ?? 0) & 0x80 ? Buffer.from([0]) : Buffer.alloc(0)
  return tlv(0x02, sign, digits)
}

/** An object identifier in dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const digits = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift(0x80 | (rest & 0x7f))
  return digits
}

/** UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280 section 4.1.2.5); whole seconds. */
export function time(when: Date): Buffer {
  const text = `${when.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  if (when.getUTCFullYear() < 2050) return tlv(0x17, Buffer.from(text.slice(2), 'latin1'))
  return tlv(0x18, Buffer.from(text, 'latin1'))
}

/** One value as it was read. */
export interface Read {
  readonly tag: number
  readonly contents: Buffer
  /** Tag, length and contents. */
  readonly whole: Buffer
}

/** The values that stand one after the other. @throws RangeError when the bytes are not DER */
export function read(bytes: Uint8Array): Read[] {
  const buffer = Buffer.from(bytes)
  const values: Read[] = []
  for (let at = 0; at < buffer.length;) {
    const value = readOne(buffer, at)
    values.push(value)
    at += value.whole.length
  }
  return values
}

function readOne(buffer: Buffer, at: number): Read {
  const first = buffer.readUInt8(at + 1)
  const width = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || width > 4) throw new RangeError('the length of a DER value is malformed')
  const length = width === 0 ? first : buffer.readUIntBE(at + 2, width)
  const start = at + 2 + width
  if (start + length > buffer.length) throw new RangeError('a DER value is cut short')
  return {
    tag: buffer.readUInt8(at),
    contents: buffer.subarray(start, start + length),
    whole: buffer.subarray(at, start + length),
  }
}
