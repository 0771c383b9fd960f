import { decode, encode, type Packet, TRUNCATED_RESPONSE } from 'dns-packet'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { a, aaaa, cname, srv } from './dns-server.fixture.ts'
import { readReply, writeQuery, type Question } from './message.ts'

const question: Question = { name: 'a.test', type: 'A' }

function reply(packet: Packet): Buffer {
  return encode({ type: 'response', id: 7, questions: [question], ...packet })
}

test('a query says what is asked, and how long an answer may be', () => {
  const { id, bytes } = writeQuery(question, false)
  expect(decode(bytes)).toMatchObject({
    id,
    flag_rd: true,
    questions: [{ name: 'a.test', type: 'A', class: 'IN' }],
    additionals: [{ type: 'OPT', udpPayloadSize: 1232 }],
  })
  expect(decode(writeQuery(question, true).bytes).additionals).toEqual([])
  const ids = new Set(Array.from({ length: 50 }, () => writeQuery(question, true).id))
  expect(ids.size).toBeGreaterThan(40)
})

test('records that lead to addresses are read, whatever stands beside them', () => {
  const answers = [
    a('A.test', '10.0.0.1', 5),
    aaaa('a.test', 'fd00::1'),
    cname('b.test', 'C.Test'),
    srv('s.test', { target: 'T.test', port: 1, weight: 2, priority: 3 }),
    { name: 'a.test', type: 'TXT' as const, data: 'x' },
    { ...a('a.test', '10.0.0.2'), class: 'CH' as const },
  ]
  expect(
    readReply(reply({ answers, additionals: [a('t.test', '10.0.0.3')] }), 7, question),
  ).toEqual({
    is: 'answered',
    exists: true,
    answers: [
      { name: 'a.test', type: 'A', ttl: 5, data: '10.0.0.1' },
      { name: 'a.test', type: 'AAAA', ttl: 60, data: 'fd00::1' },
      { name: 'b.test', type: 'CNAME', ttl: 60, data: 'c.test' },
      {
        name: 's.test',
        type: 'SRV',
        ttl: 60,
        data: { target: 't.test', port: 1, weight: 2, priority: 3 },
      },
    ],
    additionals: [{ name: 't.test', type: 'A', ttl: 60, data: '10.0.0.3' }],
  })
})

test('a time that is no time is none, and one of a century a week', () => {
  const answers = [a('a.test', '10.0.0.1', 0xffff_ffff), a('a.test', '10.0.0.2', 0x7fff_ffff)]
  expect(readReply(reply({ answers }), 7, question)).toMatchObject({
    answers: [{ ttl: 0 }, { ttl: 604_800 }],
  })
})

test.each<[string, Buffer]>([
  ['another id', reply({ id: 8 })],
  ['a query', reply({ type: 'query' })],
  ['another opcode', reply({ flags: 5 << 11 })],
  ['another name', reply({ questions: [{ name: 'b.test', type: 'A' }] })],
  ['another type', reply({ questions: [{ name: 'a.test', type: 'AAAA' }] })],
  ['another class', reply({ questions: [{ name: 'a.test', type: 'A', class: 'CH' }] })],
  ['two questions', reply({ questions: [question, question] })],
  ['no question', reply({ questions: [] })],
  ['nothing', Buffer.alloc(0)],
])('%s is no answer to this question', (_what, bytes) => {
  expect(readReply(bytes, 7, question)).toEqual({ is: 'foreign' })
})

test('the name of the question may be spelt otherwise', () => {
  const bytes = reply({ questions: [{ name: 'A.TEST', type: 'A' }] })
  expect(readReply(bytes, 7, question)).toMatchObject({ is: 'answered' })
})

test('what servers refuse has a name', () => {
  const told = (packet: Packet) => readReply(reply(packet), 7, question)
  expect(told({ flags: 3 })).toMatchObject({ is: 'answered', exists: false })
  expect(told({ flags: 2 })).toEqual({ is: 'failed', reason: 'SERVFAIL', plain: false })
  expect(told({ flags: 5 })).toEqual({ is: 'failed', reason: 'REFUSED', plain: false })
  expect(told({ flags: 9 })).toEqual({ is: 'failed', reason: 'code 9', plain: false })
  expect(told({ flags: 1, questions: [] })).toEqual({
    is: 'failed',
    reason: 'FORMERR',
    plain: true,
  })
  const opt = { name: '.', type: 'OPT' as const, udpPayloadSize: 512, ednsVersion: 0, flags: 0 }
  const badVersion = { ...opt, extendedRcode: 1, flag_do: false, options: [] }
  expect(told({ additionals: [badVersion] })).toMatchObject({ reason: 'code 16', plain: true })
})

test('a message that was cut off is to be asked for again, whatever of it came', () => {
  const bytes = reply({ flags: TRUNCATED_RESPONSE, answers: [a('a.test', '10.0.0.1')] })
  expect(readReply(bytes.subarray(0, -3), 7, question)).toEqual({ is: 'truncated' })
})

test('a header that promises more than the message holds costs nothing', () => {
  const bytes = reply({})
  for (const place of [4, 6, 8, 10]) {
    const greedy = Buffer.from(bytes)
    greedy.writeUInt16BE(0xffff, place)
    expect(readReply(greedy, 7, question)).toMatchObject({ is: 'failed' })
  }
})

test('an answer of a thousand records is honest', () => {
  const answers = Array.from({ length: 1000 }, (_, index) => {
    return srv('s.test', { target: `target-${index}.test`, port: 0xffff })
  })
  const bytes = reply({ questions: [{ name: 's.test', type: 'SRV' }], answers })
  const { is, ...rest } = readReply(bytes, 7, { name: 's.test', type: 'SRV' })
  expect(is).toBe('answered')
  expect('answers' in rest && rest.answers).toHaveLength(1000)
})

test('no bytes make it throw, and none keep it', () => {
  const whole = reply({
    answers: [a('a.test', '10.0.0.1'), srv('a.test', { target: 'b.test', port: 1 })],
    additionals: [aaaa('b.test', '::1'), cname('c.test', 'b.test')],
  })
  const damaged = fc
    .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    .map((changes) => {
      const bytes = Buffer.from(whole)
      for (const [place, value] of changes) bytes[place] = value
      return bytes
    })
  const random = fc
    .uint8Array({ maxLength: 600 })
    .map((bytes) => Buffer.concat([whole.subarray(0, 4), bytes]))
  const cut = fc.nat(whole.length).map((length) => whole.subarray(0, length))
  fc.assert(
    fc.property(fc.oneof(damaged, random, cut), (bytes) => {
      const { is } = readReply(bytes, 7, question)
      expect(['foreign', 'truncated', 'failed', 'answered']).toContain(is)
    }),
    { numRuns: 3000 },
  )
})

test('names that are chains of pointers are refused before they cost anything', () => {
  // 8,000 pointers, each to the one before, and as many records as fit, each named by the last pointer.
  const head = reply({})
  const pointers = Buffer.alloc(16_000)
  pointers.writeUInt16BE(0xc00c, 0)
  for (let at = 2; at < pointers.length; at += 2) {
    pointers.writeUInt16BE(0xc000 + head.length + 11 + at - 2, at)
  }
  const carrier = Buffer.from([0, 0, 10, 0, 1, 0, 0, 0, 0, 0, 0, 0])
  carrier.writeUInt16BE(pointers.length, 9)
  const records = Buffer.alloc(48_000)
  for (let at = 0; at + 12 <= records.length; at += 12) {
    records.writeUInt16BE(0xc000 + head.length + 11 + pointers.length - 2, at)
    records.writeUInt16BE(10, at + 2)
    records.writeUInt16BE(1, at + 4)
  }
  const bomb = Buffer.concat([head, carrier.subarray(0, 11), pointers, records])
  bomb.writeUInt16BE(4001, 6)
  expect(readReply(bomb, 7, question)).toMatchObject({ is: 'failed' })
  // The same with few records is odd, but cheap.
  bomb.writeUInt16BE(101, 6)
  expect(readReply(bomb, 7, question)).toMatchObject({ is: 'answered', answers: [] })
})
