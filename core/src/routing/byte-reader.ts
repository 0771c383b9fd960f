/** Bytes that contradict their own lengths or the protocol. Caught by the parser that reads them. */
export class MalformedBytes extends Error {
  override readonly name = 'MalformedBytes'
}

/** Reads big-endian values and length-prefixed vectors (RFC 8446 section 3) off a view; never past its end. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
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

  /** A view of the next bytes. */
  take(count: number, what: string): Uint8Array {
    this.#need(count, what)
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }

  /** A vector with a length of one byte. */
  vector8(what: string): Uint8Array {
    return this.take(this.u8(what), what)
  }

  /** A vector with a length of two bytes. */
  vector16(what: string): Uint8Array {
    return this.take(this.u16(what), what)
  }

  #need(count: number, what: string): void {
    if (count > this.left) throw new MalformedBytes(`${what} runs past the end`)
  }

  end(what: string): void {
    if (this.left > 0) throw new MalformedBytes(`${what} has trailing bytes`)
  }
}

/** A vector of 16-bit values with at least one of them. */
export function readU16s(bytes: Uint8Array, what: string): number[] {
  if (bytes.length === 0 || bytes.length % 2 === 1) {
    throw new MalformedBytes(`${what} is not a list of two-byte values`)
  }
  const values: number[] = []
  for (let at = 0; at < bytes.length; at += 2) {
    values.push((bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0))
  }
  return values
}
