import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * Whether a request brings the token, and brings it once: of two, a proxy may have looked at the other one.
 * @param rawHeaders names and values in turn, as they came
 */
export function hasToken(rawHeaders: readonly string[], token: string): boolean {
  const [brought, another] = credentialsOf(rawHeaders)
  return brought !== undefined && another === undefined && isSame(brought, token)
}

/** `Kong-Admin-Token`, which Kong's clients send, and the scheme `Bearer` (RFC 6750 section 2.1). */
function credentialsOf(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.flatMap((value, index) => {
    const name = index % 2 === 1 ? rawHeaders[index - 1]?.toLowerCase() : undefined
    if (name === 'kong-admin-token') return [value]
    const bearer = name === 'authorization' ? /^bearer(?: +(.*))?$/i.exec(value) : null
    return bearer ? [bearer[1] ?? ''] : []
  })
}

/** In the same time for every text: digests are of one length, and tell nothing of how much of a text was right. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digestOf(one), digestOf(other))
}

function digestOf(text: string): Uint8Array {
  return createHash('sha256').update(text).digest()
}
