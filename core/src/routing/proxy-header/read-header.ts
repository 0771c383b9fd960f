import { MalformedBytes } from '../byte-reader.ts'
import { type ProxyHeader, signature } from './proxy-header.ts'
import { readV1 } from './read-v1.ts'
import { lengthOfV2, readV2 } from './read-v2.ts'

/** What the first bytes of a connection are whose sender has to begin with a PROXY header. */
export type ParsedProxy =
  /** Incomplete: so many bytes in all are needed, always more than there were. */
  | { readonly kind: 'more'; readonly atLeast: number }
  /** `length` bytes are the header; what follows is the client's, whatever it looks like. */
  | { readonly kind: 'header'; readonly header: ProxyHeader; readonly length: number }
  | { readonly kind: 'malformed'; readonly reason: string }

const word = Buffer.from('PROXY ')

/**
 * Reads a PROXY header of version 1 or 2 that begins with the first byte. Whatever contradicts the specification is
 * malformed, and told as soon as it shows: it is never guessed whether there is a header.
 */
export function readProxyHeader(bytes: Uint8Array): ParsedProxy {
  try {
    if (begins(bytes, word)) return v1(bytes)
    if (begins(bytes, signature)) return v2(bytes)
    return { kind: 'malformed', reason: `it begins with ${shown(bytes)}, not a PROXY header` }
  } catch (error) {
    if (error instanceof MalformedBytes) return { kind: 'malformed', reason: error.message }
    throw error
  }
}

/** As far as both go. */
function begins(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => index >= bytes.length || bytes[index] === byte)
}

function v1(bytes: Uint8Array): ParsedProxy {
  const read = readV1(bytes)
  return read ? { kind: 'header', ...read } : { kind: 'more', atLeast: bytes.length + 1 }
}

function v2(bytes: Uint8Array): ParsedProxy {
  const length = lengthOfV2(bytes)
  if (bytes.length < length) return { kind: 'more', atLeast: length }
  return { kind: 'header', header: readV2(bytes.subarray(0, length)), length }
}

/** Bytes of a stranger, safe in a log. */
function shown(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes.subarray(0, signature.length)).toString('hex')}`
}
