import { expect, test } from 'vitest'
import type { FromQueue } from '../../balancing/messages.ts'
import { Queues } from '../../balancing/queues.ts'
import type { Upstream } from '../../entities/rows.ts'
import { routeRow, serviceRow } from '../../gateway/rows.fixture.ts'
import { TransportError, type Peeked } from '../../transport/transport.ts'
import { fakeInbound, hostOf } from '../connection.fixture.ts'
import { Ended } from '../ended.ts'
import { Session } from '../session.ts'
import { waitForRoom } from './wait-for-room.ts'

/** A connection that waits, in a world where everything happens when the test says so. */
async function waiting(
  fields: Partial<Upstream> = {},
  protocol: 'tcp' | 'tls_passthrough' = 'tcp',
) {
  const told: string[] = []
  const queues = new Queues(({ type }: FromQueue) => void told.push(type.slice('queue.'.length)))
  const looks: PromiseWithResolvers<Peeked>[] = []
  const asked: number[] = []
  let watch: AbortSignal | undefined
  const inbound = fakeInbound([], {
    peek: (atLeast, { signal }) => {
      watch = signal
      asked.push(atLeast)
      const look = Promise.withResolvers<Peeked>()
      looks.push(look)
      return look.promise
    },
  })
  const session = new Session(inbound, { ...(await hostOf()), queues })
  const matched = { session, route: routeRow('r', 's'), service: serviceRow('s'), silent: false }
  const pauses: (() => void)[] = []
  const timeouts: number[] = []
  const answers: (string | undefined)[] = []
  let attempts = 0
  const upstream = { id: 'u', queue_size: 5, ...fields } as Upstream
  const result = waitForRoom(
    { ...matched, protocol },
    upstream,
    () => (attempts++, answers.shift()),
    (milliseconds, over) => {
      timeouts.push(milliseconds)
      pauses.push(over)
      return () => void told.push('called off')
    },
  )
  const say = async (type: 'turn' | 'full') => {
    queues.receive({ type: `queue.${type}`, upstream: 'u', ticket: 1 })
    await new Promise(setImmediate)
  }
  const look = async (bytes: string, ended: boolean) => {
    looks.at(-1)?.resolve({ bytes: Buffer.from(bytes), ended })
    await new Promise(setImmediate)
  }
  const counted = () => attempts
  return {
    result,
    told,
    say,
    look,
    looks,
    asked,
    session,
    pauses,
    timeouts,
    answers,
    counted,
    watch: () => watch,
  }
}

test('without a queue who finds no room is refused at once', async () => {
  const { result, told } = await waiting({ queue_size: 0 })
  expect(await result).toEqual(new Ended('upstream.max_connections'))
  expect(told).toEqual([])
})

test('each turn is an attempt, and the first that finds room ends the wait', async () => {
  const { result, told, say, answers, counted, watch, session } = await waiting()
  answers.push(undefined, 'a seat')
  expect(counted()).toBe(0)
  await say('turn')
  expect(counted()).toBe(1)
  await say('turn')
  expect(await result).toBe('a seat')
  expect(told).toEqual(['join', 'called off', 'leave'])
  expect(watch()?.aborted).toBe(true)
  const bytes = { clientReceived: 0, clientSent: 0, upstreamReceived: 0, upstreamSent: 0 }
  const final = { ending: 'client.closed', reason: undefined, bytes, duration: 1 } as const
  expect(session.seen.summary(final).latencies.queue).toBeGreaterThanOrEqual(0)
  expect(session.waiting).toBeUndefined()
})

test('a queue that is full', async () => {
  const { result, say, told } = await waiting()
  await say('full')
  expect(await result).toEqual(new Ended('upstream.queue.full'))
  expect(told.at(-1)).toBe('leave')
})

test('the time is over', async () => {
  const { result, pauses, timeouts, told } = await waiting()
  pauses[0]?.()
  expect(await result).toEqual(new Ended('upstream.queue.timeout'))
  expect(timeouts).toEqual([5000])
  expect(told.at(-1)).toBe('leave')
  expect((await waiting({ queue_timeout: 7 })).timeouts).toEqual([7])
})

test('who is stopped from outside', async () => {
  const { result, session } = await waiting()
  session.stop(new Ended('gateway.drain.deadline'))
  expect(await result).toEqual(new Ended('gateway.drain.deadline'))
})

test('a client that leaves without a word frees its place', async () => {
  const { result, look, told } = await waiting()
  await look('', true)
  expect(await result).toEqual(new Ended('client.queue.closed'))
  expect(told.at(-1)).toBe('leave')
})

test('a client that resets frees its place; a watch that is given up is no reset', async () => {
  const { result, looks } = await waiting()
  looks[0]?.reject(new TransportError('reset', 'gone'))
  expect(await result).toEqual(new Ended('client.reset'))
  const other = await waiting()
  other.looks[0]?.reject(new TransportError('cancelled', 'given up'))
  await other.say('full')
  expect(await other.result).toMatchObject({ ending: 'upstream.queue.full' })
})

test('a client that has spoken and ends its side may be answered yet: it yields', async () => {
  const { result, look, told, asked, say, answers } = await waiting()
  await look('GET', false)
  expect(asked).toEqual([1, 4])
  await look('GET /', true)
  expect(told).toEqual(['join', 'yield'])
  answers.push('a seat')
  await say('turn')
  expect(await result).toBe('a seat')
})

test('nobody shakes hands with a client that has ended its side', async () => {
  const { result, look } = await waiting({}, 'tls_passthrough')
  await look('hello', true)
  expect(await result).toEqual(new Ended('client.queue.closed'))
})

test('a client that says more than the preread buffer takes is looked at no more', async () => {
  const { look, asked, session } = await waiting()
  await look('x'.repeat(session.host.limits.prereadBuffer), false)
  expect(asked).toEqual([1])
})
