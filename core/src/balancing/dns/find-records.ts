import type { Ask, Reply } from './ask.ts'
import { followChain } from './chain.ts'
import type { DnsRecord, RecordOf, RecordType } from './records.ts'
import type { Outcome } from './outcome.ts'
import { isName } from './spellings.ts'

/** Questions for one name: a server that does not follow aliases itself is asked again for each. */
const longest = 8

export type Records<T extends RecordType> =
  | {
      readonly is: 'found'
      readonly records: readonly RecordOf<T>[]
      /** Seconds; that of the aliases on the way counts, too. */
      readonly ttl: number
      /** What came along without being asked for. */
      readonly additionals: readonly DnsRecord[]
    }
  | Exclude<Outcome, { is: 'found' }>

/** The records of one type that a name has, by whatever aliases. */
export async function findRecords<T extends RecordType>(
  ask: Ask,
  { name: first, type }: { readonly name: string; readonly type: T },
  signal: AbortSignal,
): Promise<Records<T>> {
  let [name, ttl] = [first, Infinity]
  for (let asked = 0; asked < longest && isName(name); asked++) {
    const reply = await ask({ name, type }, signal)
    if (reply.is !== 'answered') return failureOf(reply)
    const { answers, additionals, exists } = reply
    const chain = followChain(answers, name)
    if (!chain) break
    ttl = Math.min(ttl, chain.ttl)
    const records = recordsOf(answers, chain.name, [type])
    if (records.length > 0) {
      return { is: 'found', records, additionals, ttl: leastOf(ttl, records) }
    }
    if (!exists) return { is: 'none', error: 'NXDOMAIN' }
    if (chain.name === name) return { is: 'none', error: `no ${type} record` }
    name = chain.name
  }
  return { is: 'failed', error: 'its CNAME records lead nowhere' }
}

function failureOf(reply: Exclude<Reply, { is: 'answered' }>): Exclude<Outcome, { is: 'found' }> {
  return reply.is === 'silent'
    ? { is: 'failed', error: 'no name server answers', isSilent: true }
    : { is: 'failed', error: reply.reason }
}

/** Those that this name has itself. */
export function recordsOf<T extends RecordType>(
  records: readonly DnsRecord[],
  name: string,
  types: readonly T[],
): readonly RecordOf<T>[] {
  return records.filter(
    (record): record is RecordOf<T> =>
      record.name === name && types.some((type) => type === record.type),
  )
}

/** The shortest time of records, in seconds, and no longer than this one. */
export function leastOf(ttl: number, records: readonly { readonly ttl: number }[]): number {
  return records.reduce((least, record) => Math.min(least, record.ttl), ttl)
}
