/** Bytes that contradict their own lengths or the protocol. Caught by the parser that reads them. */
export class MalformedBytes extends Error {
  override readonly name = 'MalformedBytes'
}

/**
 * Reads big-endian values and length-prefixed vectors (RFC 8446 section 3) off a part of some bytes; never past its
 * end. A vector within is a reader of its own: a view of the bytes costs many times as much.
 */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number

  constructor(bytes: Uint8Array, from = 0, to = bytes.length) {
    this.#bytes = bytes
    this.#at = from
    this.#end = to
  }

  get left(): number {
    return this.#end - this.#at
  }

  u8(what: string): number {
    this.#need(1, what)
    return this.#bytes[this.#at++] ?? 0
  }

  u16(what: string): number {
    this.#need(2, what)
    const high = this.#bytes[this.#at++] ?? 0
    return high * 256 + (this.#bytes[this.#at++] ?? 0)
  }

  skip(count: number, what: string): void {
    this.#need(count, what)
    this.#at += count
  }

  /** A view of the next bytes. */
  take(count: number, what: string): Uint8Array {
    this.skip(count, what)
    return this.#bytes.subarray(this.#at - count, this.#at)
  }

  /** A reader of the next bytes. */
  within(count: number, what: string): ByteReader {
    this.skip(count, what)
    return new ByteReader(this.#bytes, this.#at - count, this.#at)
  }

  /** A vector with a length of one byte. */
  vector8(what: string): ByteReader {
    return this.within(this.u8(what), what)
  }

  /** A vector with a length of two bytes. */
  vector16(what: string): ByteReader {
    return this.within(this.u16(what), what)
  }

  /** What is left, a number for each byte. */
  rest(): number[] {
    return [...this.#bytes.subarray(this.#at, this.#end)]
  }

  #need(count: number, what: string): void {
    if (count > this.left) throw new MalformedBytes(`${what} runs past the end`)
  }

  end(what: string): void {
    if (this.left > 0) throw new MalformedBytes(`${what} has trailing bytes`)
  }
}

/** That it is a vector of 16-bit values with at least one of them. */
export function checkU16s({ left }: ByteReader, what: string): void {
  if (left === 0 || left % 2 === 1) {
    throw new MalformedBytes(`${what} is not a list of two-byte values`)
  }
}

/** A vector of 16-bit values with at least one of them. */
export function readU16s(vector: ByteReader, what: string): number[] {
  checkU16s(vector, what)
  const values: number[] = []
  while (vector.left > 0) values.push(vector.u16(what))
  return values
}
