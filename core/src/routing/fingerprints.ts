import { partsOf, POINT_FORMATS, SIGNATURE_ALGORITHMS } from './hello-parts.ts'
import { ALPN, SUPPORTED_GROUPS, SUPPORTED_VERSIONS } from './hello-parts.ts'
import { ja3 } from './ja3.ts'
import { ja4 } from './ja4.ts'

export interface Fingerprints {
  readonly ja4: string
  readonly ja3: string
}

/** So many kinds of client are remembered, and none whose lists are longer than this, in bytes. */
const mostKinds = 1000
const longestLists = 2048

/** Extensions of which a fingerprint has more than the type. */
const read: ReadonlySet<number> = new Set([
  SUPPORTED_GROUPS,
  POINT_FORMATS,
  SIGNATURE_ALGORITHMS,
  ALPN,
  SUPPORTED_VERSIONS,
])

/** By the lists that they are made of. */
const known = new Map<string, Fingerprints>()

/**
 * The fingerprints of a well-formed ClientHello. Those of a program are the same for all of its connections, and cost
 * two hashes: they are made once.
 * @param body of the ClientHello, a character for each byte
 */
export function fingerprintsOf(body: string): Fingerprints {
  const lists = listsOf(body)
  const before = known.get(lists)
  if (before) return before
  const parts = partsOf(Buffer.from(body, 'latin1'))
  const made = { ja4: ja4(parts), ja3: ja3(parts) }
  if (lists.length > longestLists) return made
  if (known.size === mostKinds) known.clear()
  known.set(lists, made)
  return made
}

/** All that a fingerprint is made of, and nothing that differs between two connections of a client. */
function listsOf(body: string): string {
  const u8 = (at: number): number => body.charCodeAt(at)
  const u16 = (at: number): number => u8(at) * 256 + u8(at + 1)
  // Behind version and random there are the session id, the ciphers, the compression methods and the extensions.
  const ciphers = 35 + u8(34)
  const compression = ciphers + 2 + u16(ciphers)
  let lists = body.slice(0, 2) + body.slice(ciphers, compression)
  for (let at = compression + 1 + u8(compression) + 2; at < body.length;) {
    const end = at + 4 + u16(at + 2)
    lists += body.slice(at, read.has(u16(at)) ? end : at + 2)
    at = end
  }
  return lists
}
