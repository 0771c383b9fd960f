import { createHash } from 'node:crypto'

/** Whether clients are asked for a certificate, and who must have signed it. */
export interface ClientPolicy {
  readonly clientCertificate: 'none' | 'optional' | 'required'
  /** PEM; an empty list trusts nobody. Give the same array again and again: its digest is remembered by identity. */
  readonly ca: readonly string[]
  /** Whether a chain may end at an authority of the list that is no root. Default: false. */
  readonly allowPartialChain?: boolean
  /** Whether sessions may be resumed, where the gateway has it so. Default: true. */
  readonly resumption?: boolean
}

const digests = new WeakMap<readonly string[], string>()

/** Equal for policies that mean the same, and for no others. */
export function policyKey(policy: ClientPolicy): string {
  const { clientCertificate, ca, allowPartialChain = false, resumption = true } = policy
  if (clientCertificate === 'none') return 'none'
  return `${clientCertificate}:${digestOf(ca)}${allowPartialChain ? ':partial' : ''}${resumption ? '' : ':anew'}`
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
