import { expect, test } from 'vitest'
import type { QueryType } from '../../settings/dns-values.ts'
import { askOf } from './ask.fixture.ts'
import { fakeClock } from './clock.fixture.ts'
import { a, aaaa, cname, srv, zone, type Say } from './dns-server.fixture.ts'
import { createLookUp, familiesOf } from './look-up.ts'
import type { Outcome } from './outcome.ts'
import type { Search } from './spellings.ts'

const usual: readonly QueryType[] = ['LAST', 'SRV', 'A', 'AAAA', 'CNAME']

function worldOf(
  say: Say,
  more: {
    order?: readonly QueryType[]
    search?: Search
    local?: (name: string) => Outcome | undefined
  } = {},
) {
  const { ask, asked } = askOf(say)
  const clock = fakeClock()
  const lookUp = createLookUp({
    ask,
    clock,
    order: more.order ?? usual,
    search: () => more.search ?? { search: [], ndots: 1 },
    patience: () => 10_000,
    local: more.local ?? (() => undefined),
  })
  return { lookUp, asked, clock }
}

const both = zone({
  'a.test A': [a('a.test', '10.0.0.1', 30), a('a.test', '10.0.0.2', 20)],
  'a.test AAAA': [aaaa('a.test', 'fd00::1', 10)],
  'four.test A': [a('four.test', '10.0.0.4')],
  'six.test AAAA': [aaaa('six.test', 'fd00::6')],
})

test('a name with addresses of both families has both, for the shortest of their times', async () => {
  const { lookUp, asked } = worldOf(both)
  const { outcome } = await lookUp('a.test', undefined)
  expect(outcome).toEqual({
    is: 'found',
    type: 'A',
    addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }, { ip: 'fd00::1' }],
    ttl: 10,
  })
  expect(asked).toEqual(['SRV a.test', 'A a.test', 'AAAA a.test'])
  expect(await lookUp('six.test', undefined)).toMatchObject({
    outcome: { type: 'AAAA', addresses: [{ ip: 'fd00::6' }] },
  })
})

test('what a name had the last time is asked for first', async () => {
  const { lookUp, asked } = worldOf(both)
  const { step } = await lookUp('four.test', undefined)
  asked.length = 0
  await lookUp('four.test', step)
  expect(asked).toEqual(['A four.test', 'AAAA four.test'])
  // Only where the order says so.
  const forgetful = worldOf(both, { order: ['SRV', 'A'] })
  await forgetful.lookUp('four.test', step)
  expect(forgetful.asked).toEqual(['SRV four.test', 'A four.test'])
})

test('the order is kept: what comes first and is there is taken', async () => {
  const records = zone({
    'x.test A': [a('x.test', '10.0.0.1')],
    'x.test AAAA': [aaaa('x.test', 'fd00::1')],
    'x.test SRV': [srv('x.test', { target: '10.0.0.9', port: 5 })],
  })
  const first = async (order: readonly QueryType[]) =>
    (await worldOf(records, { order }).lookUp('x.test', undefined)).outcome
  expect(await first(['A', 'SRV', 'AAAA'])).toMatchObject({ addresses: [{ ip: '10.0.0.1' }] })
  expect(await first(['AAAA', 'SRV'])).toMatchObject({ addresses: [{ ip: 'fd00::1' }] })
  expect(await first(usual)).toMatchObject({
    type: 'SRV',
    addresses: [{ ip: '10.0.0.9', port: 5 }],
  })
  expect(familiesOf(['SRV'])).toEqual(['A', 'AAAA'])
  expect(familiesOf(['AAAA', 'SRV'])).toEqual(['AAAA'])
})

test('aliases are followed, in one answer or by more questions, and their time counts', async () => {
  const { lookUp, asked } = worldOf(
    ({ name, type }) => {
      if (type !== 'A') return {}
      if (name === 'one.test') {
        return { answers: [cname('one.test', 'two.test', 9), cname('TWO.test', 'three.test', 40)] }
      }
      return name === 'three.test' ? { answers: [a('three.test', '10.0.0.3', 50)] } : { rcode: 3 }
    },
    { order: ['A'] },
  )
  expect((await lookUp('one.test', undefined)).outcome).toMatchObject({
    addresses: [{ ip: '10.0.0.3' }],
    ttl: 9,
  })
  expect(asked).toEqual(['A one.test', 'A three.test'])
})

test.each<[string, Say]>([
  ['of itself', ({ name }) => ({ answers: [cname(name, name)] })],
  ['of two', () => ({ answers: [cname('a.test', 'b.test'), cname('b.test', 'a.test')] })],
  [
    'of two questions',
    ({ name }) => ({ answers: [cname(name, name === 'a.test' ? 'b.test' : 'a.test')] }),
  ],
  ['without an end', ({ name }) => ({ answers: [cname(name, `x.${name}`)] })],
  ['to what is no name', ({ name }) => ({ answers: [cname(name, 'a b.test')] })],
])('an alias %s leads nowhere, after few questions', async (_what, say) => {
  const { lookUp, asked } = worldOf(say, { order: ['A'] })
  expect((await lookUp('a.test', undefined)).outcome).toEqual({
    is: 'failed',
    error: 'its CNAME records lead nowhere',
  })
  expect(asked.length).toBeLessThanOrEqual(8)
})

test('nothing found: a failure is told before an empty answer, and that before none', async () => {
  const outcomes = async (say: Say) => (await worldOf(say).lookUp('a.test', undefined)).outcome
  expect(await outcomes(() => ({ rcode: 3 }))).toEqual({ is: 'none', error: 'NXDOMAIN' })
  expect(await outcomes(() => ({}))).toMatchObject({ is: 'none' })
  expect(await outcomes(({ type }) => (type === 'SRV' ? { rcode: 2 } : {}))).toMatchObject({
    is: 'failed',
    error: 'SERVFAIL',
  })
  // One family fails, the other has what is wanted.
  expect(
    await outcomes(({ type }) =>
      type === 'A' ? { answers: [a('a.test', '10.0.0.1')] } : { rcode: 2 },
    ),
  ).toMatchObject({ addresses: [{ ip: '10.0.0.1' }] })
  expect(
    await outcomes(({ name, type }) => ({ answers: type === 'A' ? [a(`x${name}`, '::1')] : [] })),
  ).toMatchObject({ is: 'none' })
})

test('nobody waits long for a family that is never answered, nor for ever for both', async () => {
  const four: Say = ({ type }) =>
    type === 'A' ? { answers: [a('a.test', '10.0.0.1')] } : undefined
  const half = worldOf(four, { order: ['A', 'AAAA'] })
  const asking = half.lookUp('a.test', undefined)
  await expect.poll(() => half.clock.waiting()).toBe(2)
  half.clock.pass(500)
  expect((await asking).outcome).toMatchObject({ addresses: [{ ip: '10.0.0.1' }] })
  expect(half.clock.waiting()).toBe(0)
  const none = worldOf(() => undefined, { order: ['A', 'AAAA'] })
  const waiting = none.lookUp('a.test', undefined)
  none.clock.pass(10_000)
  expect((await waiting).outcome).toMatchObject({ is: 'failed', error: 'no name server answers' })
})

test('a server that is silent about a type costs two seconds, and leaves a doubt', async () => {
  const { lookUp, asked, clock } = worldOf(({ type, name }) => {
    if (type === 'SRV') return undefined
    return type === 'A' ? { answers: [a(name, '10.0.0.1')] } : {}
  })
  const asking = lookUp('a.test', undefined)
  clock.pass(1999)
  expect(asked).toEqual(['SRV a.test'])
  clock.pass(1)
  expect(await asking).toMatchObject({
    outcome: { addresses: [{ ip: '10.0.0.1' }] },
    step: ['A', 'AAAA'],
    isUnsure: true,
  })
})

test('what the name had the last time has all the time there is', async () => {
  const { lookUp, asked, clock } = worldOf(both)
  const { step } = await lookUp('four.test', undefined)
  const slow = worldOf(() => undefined)
  const asking = slow.lookUp('four.test', step)
  slow.clock.pass(9_999)
  expect(slow.asked).toEqual(['A four.test', 'AAAA four.test'])
  slow.clock.pass(1)
  expect((await asking).outcome.is).toBe('failed')
  expect([asked.length, clock.waiting()]).toEqual([3, 0])
})

test('short names are looked for in the search domains, all of them for each type', async () => {
  const records = zone({ 'a.b.test A': [a('a.b.test', '10.0.0.1')] })
  const { lookUp, asked } = worldOf(records, {
    order: ['SRV', 'A'],
    search: { search: ['c.test', 'b.test'], ndots: 1 },
  })
  expect((await lookUp('a', undefined)).outcome).toMatchObject({ addresses: [{ ip: '10.0.0.1' }] })
  expect(asked).toEqual(['SRV a.c.test', 'SRV a.b.test', 'SRV a', 'A a.c.test', 'A a.b.test'])
})

test('where nobody answers, the other spellings are not tried', async () => {
  const { lookUp, asked, clock } = worldOf(() => undefined, {
    order: ['A'],
    search: { search: ['c.test', 'b.test'], ndots: 1 },
  })
  const asking = lookUp('a', undefined)
  clock.pass(10_000)
  expect((await asking).outcome.is).toBe('failed')
  expect(asked).toEqual(['A a.c.test'])
})

test('what cannot be a name is not asked for', async () => {
  const { lookUp, asked } = worldOf(() => ({}))
  for (const host of ['', '.', 'a..b', `${'x'.repeat(64)}.test`, 'a b', 'x.'.repeat(130)]) {
    expect((await lookUp(host, undefined)).outcome).toMatchObject({ is: 'none' })
  }
  expect(asked).toEqual([])
})

test('of SRV records the group of the lowest priority counts, with what came along', async () => {
  const { lookUp, asked } = worldOf(({ name, type }) => {
    if (type !== 'SRV')
      return name === 'c.test' && type === 'A' ? { answers: [a(name, '10.0.0.3', 7)] } : {}
    return {
      answers: [
        srv(name, { target: 'a.test', port: 81, priority: 1, weight: 5 }, 9),
        srv(name, { target: 'b.test', port: 0, priority: 1, weight: 0 }),
        srv(name, { target: 'C.test', port: 83, priority: 1, weight: 2 }),
        srv(name, { target: 'late.test', port: 84, priority: 2 }),
        srv(name, { target: 'gone.test', port: 85, priority: 1 }),
      ],
      additionals: [
        aaaa('a.test', 'fd00::1'),
        a('a.test', '10.0.0.1'),
        cname('b.test', 'd.test', 8),
        a('d.test', '10.0.0.2'),
      ],
    }
  })
  expect((await lookUp('_s._tcp.test', undefined)).outcome).toEqual({
    is: 'found',
    type: 'SRV',
    addresses: [
      { ip: '10.0.0.1', port: 81, weight: 5, name: 'a.test' },
      { ip: '10.0.0.2', weight: 1, name: 'b.test' },
      { ip: '10.0.0.3', port: 83, weight: 2, name: 'c.test' },
      { ip: 'fd00::1', port: 81, weight: 5, name: 'a.test' },
    ],
    ttl: 7,
  })
  expect(asked.toSorted()).toEqual([
    'A c.test',
    'A gone.test',
    'AAAA c.test',
    'AAAA gone.test',
    'SRV _s._tcp.test',
  ])
})

test('SRV records without a place, or with targets that have none, lead nowhere', async () => {
  const outcome = async (...targets: readonly string[]) => {
    const say: Say = ({ name, type }) => ({
      answers: type === 'SRV' ? targets.map((target) => srv(name, { target, port: 1 })) : [],
    })
    return (await worldOf(say, { order: ['SRV'] }).lookUp('a.test', undefined)).outcome
  }
  expect(await outcome('.')).toEqual({
    is: 'none',
    error: 'the SRV record says that there is no service',
  })
  expect(await outcome('b.test', 'c.test')).toMatchObject({ is: 'none' })
  expect(await outcome('.', '10.0.0.1')).toMatchObject({ addresses: [{ ip: '10.0.0.1', port: 1 }] })
})

test('three hundred places are three hundred addresses', async () => {
  const places = Array.from({ length: 300 }, (_, index) => `t${index}.test`)
  const { lookUp, asked } = worldOf(({ name, type }) => {
    if (type === 'SRV')
      return { answers: places.map((target, port) => srv(name, { target, port: port + 1 })) }
    return type === 'A' ? { answers: [a(name, '10.0.0.1')] } : {}
  })
  const { outcome } = await lookUp('a.test', undefined)
  expect(outcome.is === 'found' && outcome.addresses.length).toBe(300)
  expect(asked).toHaveLength(601)
})

test('what is known without asking is not asked for, as a target neither', async () => {
  const local = (name: string): Outcome | undefined =>
    name === 'hosts.test'
      ? { is: 'found', type: 'A', addresses: [{ ip: '10.9.9.9' }], ttl: 1 }
      : undefined
  const say: Say = ({ name }) => ({ answers: [srv(name, { target: 'hosts.test', port: 1 })] })
  const { lookUp, asked } = worldOf(say, { local })
  expect((await lookUp('hosts.test', undefined)).outcome).toMatchObject({ ttl: 1 })
  expect((await lookUp('a.test', undefined)).outcome).toMatchObject({
    addresses: [{ ip: '10.9.9.9', name: 'hosts.test' }],
  })
  expect(asked).toEqual(['SRV a.test'])
})
