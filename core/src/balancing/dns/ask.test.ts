import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { encode } from 'dns-packet'
import { expect, test } from 'vitest'
import type { NameServer } from '../../settings/dns-values.ts'
import { type Ask, createAsk, type Reply } from './ask.ts'
import { fakeClock } from './clock.fixture.ts'
import { systemClock } from './clock.ts'
import { a, type Say, serveDns, zone } from './dns-server.fixture.ts'
import type { Question } from './message.ts'

const question: Question = { name: 'a.test', type: 'A' }
const known = zone({ 'a.test A': [a('a.test', '10.0.0.1')] })
const never = new AbortController().signal

function askOf(
  servers: readonly NameServer[],
  more: { clock?: typeof systemClock; timeout?: number; rotate?: boolean } = {},
): Ask {
  const { clock = systemClock, timeout = 10_000, rotate = false } = more
  return createAsk(() => ({ servers, timeout, attempts: 2, rotate }), clock)
}

/** An address at which nobody is. */
async function nobody(): Promise<NameServer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return { address: '127.0.0.1', port }
}

function ipOf(reply: Reply): unknown {
  return reply.is === 'answered' ? reply.answers[0]?.data : reply
}

test.each(['127.0.0.1', '::1'])('a server at %s answers', async (address) => {
  const server = await serveDns(known, address)
  expect(ipOf(await askOf([server])(question, never))).toBe('10.0.0.1')
  expect(server.asked).toEqual(['udp A a.test'])
  expect(server.queries[0]?.additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1232 }])
})

test('a truncated answer is asked for again over TCP', async () => {
  const answers = Array.from({ length: 300 }, (_, index) => a('a.test', `10.0.1.${index % 250}`))
  const server = await serveDns((_, over) => (over === 'udp' ? { truncated: true } : { answers }))
  const reply = await askOf([server])(question, never)
  expect(reply.is === 'answered' && reply.answers.length).toBe(300)
  expect(server.asked).toEqual(['udp A a.test', 'tcp A a.test'])
})

test('who truncates over TCP, too, or says something else there, has failed', async () => {
  const cut = await serveDns(() => ({ truncated: true }))
  const other = await serveDns((_, over) =>
    over === 'udp'
      ? { truncated: true }
      : { spoil: ([first = 0, ...rest]) => [Buffer.from([first ^ 1, ...rest])] },
  )
  for (const server of [cut, other]) {
    expect(await askOf([server])(question, never)).toEqual({
      is: 'failed',
      reason: `an answer of no use from 127.0.0.1:${server.port}`,
    })
  }
})

test('a server that does not know EDNS is asked without it', async () => {
  const server = await serveDns(known)
  const say: Say = (asked, over) =>
    server.queries.at(-1)?.additionals?.length === 0 ? known(asked, over) : { rcode: 4 }
  server.say = say
  expect(ipOf(await askOf([server])(question, never))).toBe('10.0.0.1')
  expect(server.asked).toHaveLength(2)
})

test.each<[string, (query: Buffer, reply: Buffer) => Buffer]>([
  [
    'the whole rest of the query in place of the question',
    (query, reply) => {
      const end = query.length - 11
      return Buffer.concat([reply.subarray(0, end), query.subarray(end), reply.subarray(end)])
    },
  ],
  [
    'the count of a record that it leaves out',
    (_query, reply) => {
      const counted = Buffer.from(reply)
      counted.writeUInt16BE(1, 10)
      return counted
    },
  ],
])('a server that stumbles over EDNS and sends %s is asked without it', async (_what, stumble) => {
  const server = await serveDns((asked, over) => {
    const last = server.queries.at(-1)
    const hasEdns = last?.additionals?.length === 1
    const spoil = (bytes: Buffer) => [hasEdns ? stumble(encode(last), bytes) : bytes]
    return { ...known(asked, over), spoil }
  })
  expect(ipOf(await askOf([server])(question, never))).toBe('10.0.0.1')
  expect(server.asked).toHaveLength(2)
})

test('answers with another id or to another question are passed over', async () => {
  const server = await serveDns((asked, over) => ({
    ...known(asked, over),
    spoil: (bytes) => {
      const [wrongId, wrongName] = [Buffer.from(bytes), Buffer.from(bytes)]
      wrongId[0] = (wrongId[0] ?? 0) ^ 1
      wrongName[13] = 'b'.charCodeAt(0)
      return [wrongId, Buffer.from('x'), wrongName, bytes]
    },
  }))
  expect(ipOf(await askOf([server])(question, never))).toBe('10.0.0.1')
})

test.each([
  ['SERVFAIL', 2],
  ['REFUSED', 5],
])('%s is asked of the next server at once, and of nobody twice', async (word, rcode) => {
  const [first, second] = [await serveDns(() => ({ rcode })), await serveDns(() => ({ rcode }))]
  expect(await askOf([first, second])(question, never)).toEqual({
    is: 'failed',
    reason: `${word} from 127.0.0.1:${second.port}`,
  })
  expect([first.asked.length, second.asked.length]).toEqual([1, 1])
  second.say = known
  expect(ipOf(await askOf([first, second])(question, never))).toBe('10.0.0.1')
})

test('where nobody listens the next server is asked at once, and first the next time', async () => {
  const server = await serveDns(known)
  const dead = await nobody()
  const ask = askOf([dead, server])
  expect(ipOf(await ask(question, never))).toBe('10.0.0.1')
  expect(ipOf(await ask(question, never))).toBe('10.0.0.1')
  expect(await askOf([dead])(question, never)).toEqual({
    is: 'failed',
    reason: `ECONNREFUSED from 127.0.0.1:${dead.port}`,
  })
})

test('a silent server is asked again, the next one meanwhile, and the time is bounded', async () => {
  const clock = fakeClock()
  const [first, second] = [await serveDns(() => undefined), await serveDns(() => undefined)]
  const asking = askOf([first, second], { clock, timeout: 4000 })(question, never)
  const heard = async (count: number) => {
    await expect.poll(() => first.asked.length + second.asked.length).toBe(count)
  }
  await heard(1)
  for (const count of [2, 3, 4]) {
    clock.pass(1000)
    await heard(count)
  }
  expect([first.asked.length, second.asked.length]).toEqual([2, 2])
  clock.pass(1000)
  expect(await asking).toEqual({ is: 'silent' })
  expect(clock.waiting()).toBe(0)
})

test('an answer that comes after the next server was asked counts', async () => {
  const clock = fakeClock()
  const late = await serveDns((asked, over) =>
    late.asked.length < 2 ? undefined : known(asked, over),
  )
  const asking = askOf([late], { clock, timeout: 4000 })(question, never)
  await expect.poll(() => late.asked.length).toBe(1)
  clock.pass(2000)
  expect(ipOf(await asking)).toBe('10.0.0.1')
})

test('with rotate each question begins with another server', async () => {
  const [first, second] = [await serveDns(known), await serveDns(known)]
  const ask = askOf([first, second], { rotate: true })
  for (let count = 0; count < 4; count++) await ask(question, never)
  expect([first.asked.length, second.asked.length]).toEqual([2, 2])
})

test('a question that is given up goes unanswered, also one that waits for its turn', async () => {
  const silent = await serveDns(() => undefined)
  const ask = askOf([silent])
  const aborting = new AbortController()
  const asking = Array.from({ length: 100 }, () => ask(question, aborting.signal))
  await expect.poll(() => silent.asked.length).toBe(64)
  aborting.abort()
  const replies = await Promise.all(asking)
  expect(replies.every(({ is }) => is === 'silent')).toBe(true)
  expect(await ask(question, aborting.signal)).toEqual({ is: 'silent' })
  silent.say = known
  expect(ipOf(await ask(question, never))).toBe('10.0.0.1')
})

test('more questions than may be under way are all answered', async () => {
  const server = await serveDns(known)
  const ask = askOf([server])
  const replies = await Promise.all(Array.from({ length: 300 }, () => ask(question, never)))
  expect(replies.map(ipOf)).toEqual(replies.map(() => '10.0.0.1'))
})

test('without a server there is no answer', async () => {
  expect(await askOf([])(question, never)).toEqual({
    is: 'failed',
    reason: 'there is no name server',
  })
})
