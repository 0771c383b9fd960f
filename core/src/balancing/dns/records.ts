import { isIPv4, isIPv6 } from 'node:net'
import type { Answer, SrvData } from 'dns-packet'

/** What may be asked for. */
export type RecordType = 'A' | 'AAAA' | 'SRV'

/** The place of a service (RFC 2782). */
export interface Place {
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly target: string
}

interface Data {
  readonly A: string
  readonly AAAA: string
  readonly CNAME: string
  readonly SRV: Place
}

/** A record of the kinds that lead to addresses. */
export type DnsRecord = {
  [K in keyof Data]: {
    readonly name: string
    readonly type: K
    /** Seconds. */
    readonly ttl: number
    readonly data: Data[K]
  }
}[keyof Data]

/** A record of one of these types. */
export type RecordOf<T extends RecordType> = Extract<DnsRecord, { readonly type: T }>

/** Longest that an answer may be used (RFC 8767 section 4), in seconds. */
const longestTtl = 604_800

/** As it is compared and asked for. */
export function canonical(name: string): string {
  return name.replace(/\.$/, '').toLowerCase()
}

/** Those that lead to addresses. The library does not look whether an address is whole. */
export function readRecords(answers: readonly Answer[]): readonly DnsRecord[] {
  return answers.flatMap((answer) => {
    if (answer.type === 'OPT' || answer.class !== 'IN') return []
    const owned = { name: canonical(answer.name), ttl: readTtl(answer.ttl ?? 0) }
    if (answer.type === 'SRV')
      return [{ ...owned, type: 'SRV' as const, data: readPlace(answer.data) }]
    if (!isText(answer)) return []
    return readText(owned, answer)
  })
}

type Text = Extract<Answer, { readonly data: string }>

function isText(answer: Answer): answer is Text {
  return 'data' in answer && typeof answer.data === 'string'
}

function readText(
  owned: { readonly name: string; readonly ttl: number },
  { type, data }: Text,
): readonly DnsRecord[] {
  if (type === 'CNAME') return [{ ...owned, type, data: canonical(data) }]
  if (type === 'A' && isIPv4(data)) return [{ ...owned, type, data }]
  return type === 'AAAA' && isIPv6(data) ? [{ ...owned, type, data }] : []
}

function readPlace({ priority = 0, weight = 0, port, target }: SrvData): Place {
  return { priority, weight, port, target: canonical(target) }
}

/** A time whose first bit is set is none (RFC 2181 section 8). */
function readTtl(seconds: number): number {
  return seconds > 0x7fff_ffff ? 0 : Math.min(seconds, longestTtl)
}
