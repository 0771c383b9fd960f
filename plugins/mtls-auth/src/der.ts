/**
 * One value of DER (ITU-T X.690 section 10). The tag is one byte: certificates and revocation lists have no other. What
 * nobody asks for is not made: a list may have a million of them.
 */
export class Value {
  readonly tag: number
  /** Where it begins, where its contents begin, and where both end. */
  readonly at: number
  readonly start: number
  readonly end: number
  readonly #bytes: Buffer

  constructor(bytes: Buffer, at: number, start: number, end: number) {
    this.tag = bytes[at] ?? 0
    this.#bytes = bytes
    this.at = at
    this.start = start
    this.end = end
  }

  get contents(): Buffer {
    return this.#bytes.subarray(this.start, this.end)
  }

  /** Tag, length and contents. */
  get whole(): Buffer {
    return this.#bytes.subarray(this.at, this.end)
  }

  /** The contents in hex. */
  get hex(): string {
    return this.#bytes.toString('hex', this.start, this.end)
  }

  /** The values that it is made of. */
  get parts(): DerReader {
    return new DerReader(this.#bytes, this.start, this.end)
  }
}

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const

/** The tag of a field that is told by its number alone, and has contents of its own kind. */
export function numbered(number: number): number {
  return 0xa0 | number
}

/** Bytes that are not what they should be. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

/** Reads the values that stand one after the other; nothing is copied. */
export class DerReader {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  /** The tag of the next value; undefined: there is none. */
  get tag(): number | undefined {
    return this.#at < this.#end ? this.#bytes[this.#at] : undefined
  }

  /** @throws DerError when the next value has another tag, or is none */
  take(tag: number): Value {
    const value = this.#read()
    if (value.tag !== tag) throw new DerError(`tag ${value.tag} where ${tag} is expected`)
    return value
  }

  takeIf(tag: number): Value | undefined {
    return this.tag === tag ? this.#read() : undefined
  }

  /** The next value, whatever it is. */
  takeAny(): Value {
    return this.#read()
  }

  /** @throws DerError unless everything was read */
  end(): void {
    if (this.#at !== this.#end) throw new DerError('there is more than is expected')
  }

  #read(): Value {
    const at = this.#at
    const first = this.#bytes[at + 1]
    if (at + 2 > this.#end || first === undefined) throw new DerError('a value is cut short')
    const width = first < 0x80 ? 0 : first & 0x7f
    const start = at + 2 + width
    const end = start + this.#length(first, width)
    if (end > this.#end) throw new DerError('a value is cut short')
    this.#at = end
    return new Value(this.#bytes, at, start, end)
  }

  #length(first: number, width: number): number {
    const at = this.#at + 2
    // More than four bytes of length are no length; none are "until the end", which DER does not have.
    if (first === 0x80 || width > 4 || at + width > this.#end) {
      throw new DerError('the length of a value is malformed')
    }
    return width === 0 ? first : this.#bytes.readUIntBE(at, width)
  }
}

const digits = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/

/** Milliseconds since the epoch of a UTCTime or a GeneralizedTime, as RFC 5280 section 4.1.2.5 allows them. */
export function readTime({ tag, contents }: Pick<Value, 'tag' | 'contents'>): number {
  const text = wordTime(tag, contents.toString('latin1')).replace(digits, '$1-$2-$3T$4:$5:$6.000Z')
  const time = Date.parse(text)
  // The thirtieth of February is the second of March to some.
  if (Number.isNaN(time) || new Date(time).toISOString() !== text) {
    throw new DerError('a time is malformed')
  }
  return time
}

/** With all digits of the year; empty for what is no time. */
function wordTime(tag: number, text: string): string {
  if (tag === tags.generalizedTime) return text
  if (tag !== tags.utcTime) return ''
  return `${text < '50' ? '20' : '19'}${text}`
}
