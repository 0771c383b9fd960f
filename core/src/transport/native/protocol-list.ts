/** Protocols as RFC 7301 section 3.1 has them, each with its length before it; a character for each byte. */
export function protocolList(protocols: readonly string[]): string {
  return protocols.map(withLength).join('')
}

function withLength(protocol: string): string {
  const bytes = Buffer.from(protocol)
  if (bytes.length === 0 || bytes.length > 255) {
    throw new RangeError(`the protocol "${protocol}" has no or more than 255 bytes`)
  }
  return String.fromCharCode(bytes.length) + bytes.toString('latin1')
}
