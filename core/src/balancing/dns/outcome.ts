import { isIPv4 } from 'node:net'
import type { Located } from '../names.ts'

/** What became of asking for a name. */
export type Outcome =
  | Found
  /** The servers have said that there is nothing. */
  | { readonly is: 'none'; readonly error: string }
  /** Nobody has said anything of use; or nothing at all. */
  | { readonly is: 'failed'; readonly error: string; readonly isSilent?: boolean }

export interface Found {
  readonly is: 'found'
  readonly type: 'A' | 'AAAA' | 'SRV'
  readonly addresses: readonly Located[]
  /** Seconds. */
  readonly ttl: number
  /** No name server has said so, and no setting for what they say counts. */
  readonly isLocal?: boolean
}

/** Of two of which none was found, the one that says less of the name: it may exist. */
export function lessSure(a: Outcome | undefined, b: Outcome): Outcome {
  return a?.is === 'failed' ? a : b
}

/** Those of IPv4 first, each once, otherwise as they came. */
export function inOrder(addresses: readonly Located[]): readonly Located[] {
  const once = new Map<string, Located>()
  for (const address of addresses) {
    const key = `${address.ip} ${address.port ?? ''} ${address.name ?? ''}`
    if (!once.has(key)) once.set(key, address)
  }
  const all = [...once.values()]
  return [...all.filter(({ ip }) => isIPv4(ip)), ...all.filter(({ ip }) => !isIPv4(ip))]
}
