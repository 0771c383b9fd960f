import { randomInt } from 'node:crypto'
import { type Answer, decode, encode, type Question as Asked, RECURSION_DESIRED } from 'dns-packet'
import { canonical, type DnsRecord, readRecords, type RecordType } from './records.ts'

export interface Question {
  /** Lower case, without the last dot. */
  readonly name: string
  readonly type: RecordType
}

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
  return message ? judge(message, flags & 15, question) : malformed
}

function judge(message: Opened, code: number, question: Question): Reading {
  const { questions, answers, additionals } = message
  // Who cannot read a query may leave the question out.
  if (questions.length === 0 && codes[code] !== undefined) return refusal(code)
  if (!isAsked(questions, question)) return { is: 'foreign' }
  if (answers.some(({ type }) => type === 'OPT')) return malformed
  const whole = code + extensionOf(additionals) * 16
  if (whole !== 0 && whole !== 3) return refusal(whole)
  return {
    is: 'answered',
    exists: whole === 0,
    answers: readRecords(answers),
    additionals: readRecords(additionals),
  }
}

/** Simple servers stumble over the record that EDNS adds to a query, and send it back somewhere. */
const malformed: Reading = { is: 'failed', reason: 'an answer that is no DNS message', plain: true }

/** The codes by which servers refuse what they do not know. */
const unknownToServer = new Set([1, 4, 16])

function refusal(code: number): Reading {
  const reason = codes[code] ?? `code ${code}`
  return { is: 'failed', reason, plain: unknownToServer.has(code) }
}

interface Opened {
  readonly questions: readonly Asked[]
  readonly answers: readonly Answer[]
  readonly additionals: readonly Answer[]
}

function open(bytes: Buffer): Opened | undefined {
  if (isBomb(bytes)) return undefined
  try {
    const { questions = [], answers = [], additionals = [] } = decode(bytes)
    return { questions, answers, additionals }
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

function isAsked(questions: Opened['questions'], { name, type }: Question): boolean {
  const [first, ...others] = questions
  if (first === undefined || others.length > 0) return false
  return canonical(first.name) === name && first.type === type && first.class === 'IN'
}

function extensionOf(additionals: readonly Answer[]): number {
  for (const record of additionals) if (record.type === 'OPT') return record.extendedRcode
  return 0
}
