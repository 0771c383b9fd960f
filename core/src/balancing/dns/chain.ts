import type { DnsRecord } from './records.ts'

/** Aliases of aliases that are followed; a loop is longer than any of them. */
const longest = 16

export interface Chain {
  /** The name at its end. */
  readonly name: string
  /** The shortest time of its links, in seconds; infinite without any. */
  readonly ttl: number
}

/** Where a name leads by the CNAME records of an answer; undefined when they lead nowhere. */
export function followChain(records: readonly DnsRecord[], name: string): Chain | undefined {
  const links = new Map<string, { readonly to: string; readonly ttl: number }>()
  for (const record of records) {
    if (record.type === 'CNAME') links.set(record.name, { to: record.data, ttl: record.ttl })
  }
  let chain: Chain = { name, ttl: Infinity }
  for (let count = 0; count <= longest; count++) {
    const link = links.get(chain.name)
    if (!link) return chain
    chain = { name: link.to, ttl: Math.min(chain.ttl, link.ttl) }
  }
  return undefined
}
