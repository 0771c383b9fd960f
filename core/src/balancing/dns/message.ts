import { randomInt } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import { type Answer, decode, encode, RECURSION_DESIRED, type SrvData } from 'dns-packet'

/** What may be asked for. */
export type RecordType = 'A' | 'AAAA' | 'SRV'

export interface Question {
  /** Lower case, without the last dot. */
  readonly name: string
  readonly type: RecordType
}

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

/** What a message turned out to be. */
export type Reading =
  /** Of somebody else, or to another question: the answer may still come. */
  | { readonly is: 'foreign' }
  | { readonly is: 'truncated' }
  /** @param plain the server may do better when it is asked without EDNS (RFC 6891 section 7) */
  | { readonly is: 'failed'; readonly reason: string; readonly plain: boolean }
  | Answered

export interface Answered {
  readonly is: 'answered'
  readonly exists: boolean
  readonly answers: readonly DnsRecord[]
  readonly additionals: readonly DnsRecord[]
}

/** What a datagram may carry without being cut into pieces on its way (dnsflagday.net/2020). */
const datagramSize = 1232

/** The least that a question and a record take, in bytes; without its name a record has ten (RFC 1035 section 4.1). */
const [leastQuestion, leastRecord] = [5, 11]

/**
 * The library follows each compressed name through as many pointers as there are. This many steps take some 30 ms; an
 * honest answer of 1,000 records needs at most half of them.
 */
const mostSteps = 4_000_000

const codes: Readonly<Record<number, string>> = {
  1: 'FORMERR',
  2: 'SERVFAIL',
  4: 'NOTIMP',
  5: 'REFUSED',
}

/** Longest that an answer may be used (RFC 8767 section 4), in seconds. */
const longestTtl = 604_800

/** A query with an id that nobody can guess. @param plain without EDNS (RFC 6891), which says how long an answer may be */
export function writeQuery(question: Question, plain: boolean): { id: number; bytes: Buffer } {
  const id = randomInt(65_536)
  const size = {
    name: '.',
    type: 'OPT' as const,
    udpPayloadSize: datagramSize,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  }
  const bytes = encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ ...question, class: 'IN' }],
    additionals: plain ? [] : [size],
  })
  return { id, bytes }
}

/** Judges a message that came after this query. Never throws. */
export function readReply(bytes: Buffer, id: number, question: Question): Reading {
  if (bytes.length < 12 || bytes.readUInt16BE(0) !== id) return { is: 'foreign' }
  const flags = bytes.readUInt16BE(2)
  // A response (the first bit) to an ordinary query (the next four).
  if (flags >> 11 !== 0b10000) return { is: 'foreign' }
  if ((flags & 0b10_0000_0000) !== 0) return { is: 'truncated' }
  const message = open(bytes)
  if (!message) return failed('an answer that is no DNS message')
  if (!isAsked(message.questions ?? [], question)) {
    // Who cannot read a query may leave the question out.
    const isUnread = message.questions?.length === 0 && codes[flags & 15] !== undefined
    return isUnread ? refusal(flags & 15) : { is: 'foreign' }
  }
  const code = (flags & 15) + extensionOf(message.additionals ?? []) * 16
  if (code !== 0 && code !== 3) return refusal(code)
  return {
    is: 'answered',
    exists: code === 0,
    answers: recordsOf(message.answers ?? []),
    additionals: recordsOf(message.additionals ?? []),
  }
}

/** As it is compared and asked for. */
export function canonical(name: string): string {
  return name.replace(/\.$/, '').toLowerCase()
}

function failed(reason: string): Reading {
  return { is: 'failed', reason, plain: false }
}

/** The codes by which servers refuse what they do not know. */
const unknownToServer = new Set([1, 4, 16])

function refusal(code: number): Reading {
  const reason = codes[code] ?? `code ${code}`
  return { is: 'failed', reason, plain: unknownToServer.has(code) }
}

function open(bytes: Buffer): ReturnType<typeof decode> | undefined {
  if (isBomb(bytes)) return undefined
  try {
    return decode(bytes)
  } catch {
    // It is what the caller wants to know, whatever is wrong with it.
    return undefined
  }
}

/** A message that would cost the library more than it can be worth. */
function isBomb(bytes: Buffer): boolean {
  const questions = bytes.readUInt16BE(4)
  const records = bytes.readUInt16BE(6) + bytes.readUInt16BE(8) + bytes.readUInt16BE(10)
  // Room is made for as many records as the header promises, whatever comes.
  if (questions * leastQuestion + records * leastRecord > bytes.length) return true
  let pointers = 0
  for (const byte of bytes) if (byte >= 0xc0) pointers++
  return pointers * records > mostSteps
}

function isAsked(
  questions: NonNullable<ReturnType<typeof decode>['questions']>,
  { name, type }: Question,
): boolean {
  const [first, ...others] = questions
  if (first === undefined || others.length > 0) return false
  return canonical(first.name) === name && first.type === type && first.class === 'IN'
}

function extensionOf(additionals: readonly Answer[]): number {
  for (const record of additionals) if (record.type === 'OPT') return record.extendedRcode
  return 0
}

function recordsOf(answers: readonly Answer[]): readonly DnsRecord[] {
  return answers.map(recordOf).filter((record) => record !== undefined)
}

/** Undefined for what leads to no address. The library does not look whether a name or an address is whole. */
function recordOf(answer: Answer): DnsRecord | undefined {
  if (answer.type === 'OPT' || answer.class !== 'IN') return undefined
  const owned = { name: canonical(answer.name), ttl: readTtl(answer.ttl ?? 0) }
  switch (answer.type) {
    case 'A':
      return isIPv4(answer.data) ? { ...owned, type: 'A', data: answer.data } : undefined
    case 'AAAA':
      return isIPv6(answer.data) ? { ...owned, type: 'AAAA', data: answer.data } : undefined
    case 'CNAME':
      return { ...owned, type: 'CNAME', data: canonical(answer.data) }
    case 'SRV':
      return { ...owned, type: 'SRV', data: placeOf(answer.data) }
    default:
      return undefined
  }
}

function placeOf({ priority = 0, weight = 0, port, target }: SrvData): Place {
  return { priority, weight, port, target: canonical(target) }
}

/** A time whose first bit is set is none (RFC 2181 section 8). */
function readTtl(seconds: number): number {
  return seconds > 0x7fff_ffff ? 0 : Math.min(seconds, longestTtl)
}
