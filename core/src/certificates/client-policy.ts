import { createHash } from 'node:crypto'

/** Whether clients are asked for a certificate, and who must have signed it. */
export interface ClientPolicy {
  readonly clientCertificate: 'none' | 'optional' | 'required'
  /** PEM; an empty list trusts nobody. Give the same array again and again: its digest is remembered by identity. */
  readonly ca: readonly string[]
}

const digests = new WeakMap<readonly string[], string>()

/** Equal for policies that mean the same, and for no others. */
export function policyKey({ clientCertificate, ca }: ClientPolicy): string {
  return clientCertificate === 'none' ? 'none' : `${clientCertificate}:${digestOf(ca)}`
}

function digestOf(ca: readonly string[]): string {
  const known = digests.get(ca)
  if (known !== undefined) return known
  const digest = digestList(ca)
  digests.set(ca, digest)
  return digest
}

/** Of a list of texts; where one text ends and the next begins is part of it. */
export function digestList(texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${text.length}:`).update(text)
  return hash.digest('hex')
}
