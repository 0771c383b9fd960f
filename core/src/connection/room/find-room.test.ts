import { reject, type Phases } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import type { FromQueue } from '../../balancing/messages.ts'
import { poolsOf, targetRow, upstreamRow } from '../../balancing/pools.fixture.ts'
import { Queues } from '../../balancing/queues.ts'
import type { TargetRow, Upstream } from '../../entities/rows.ts'
import { apply, counted, Ledger } from '../../gateway/configuration.fixture.ts'
import { pluginRow, routeRow, serviceRow } from '../../gateway/rows.fixture.ts'
import { TransportError } from '../../transport/transport.ts'
import { balance } from '../phases/balance.ts'
import { fakeInbound, fakeOutbound, hostOf } from '../connection.fixture.ts'
import { Ended } from '../ended.ts'
import { log } from '../phases/log.ts'
import { Session } from '../session.ts'

interface World {
  readonly upstream?: Partial<Upstream>
  readonly targets: Readonly<Record<string, Partial<TargetRow>>>
  readonly phases?: Phases
  /** Targets whose connects are refused. */
  readonly dead?: readonly string[]
}

/** Connections to an upstream with limits, counted as on a node of one worker. */
async function worldOf({ upstream, targets, phases = {}, dead = [] }: World) {
  const { pools } = poolsOf()
  const held = new Map<string, number>()
  const told: string[] = []
  const counters = {
    take: async (key: string, limit: number) => {
      const count = held.get(key) ?? 0
      if (count < limit) held.set(key, count + 1)
      return count < limit
    },
    release: (key: string) => void held.set(key, (held.get(key) ?? 0) - 1),
  }
  const queues = new Queues(({ type }: FromQueue) => void told.push(type.slice('queue.'.length)))
  const plugin = counted('p', new Ledger(), phases)
  const host = { ...(await hostOf([plugin], { pools, counters })), queues }
  await apply(
    host.configuration,
    { op: 'put', entity: 'plugins', row: pluginRow('1', 'p') },
    { op: 'put', entity: 'upstreams', row: upstreamRow('u', upstream) },
    ...Object.entries(targets).map(
      ([name, more]) =>
        ({ op: 'put', entity: 'targets', row: targetRow('u', name, more) }) as const,
    ),
  )
  const arrive = () => {
    const inbound = fakeInbound([], {
      connect: async (remote) => {
        if (dead.includes(`${remote.address}:${remote.port}`)) {
          throw new TransportError('refused', 'no')
        }
        return fakeOutbound([], { remote })
      },
      peek: (_atLeast, { signal }) =>
        new Promise((_resolve, fail) => {
          signal?.addEventListener('abort', () => fail(new TransportError('cancelled', '')))
        }),
    })
    const session = new Session(inbound, host)
    const service = serviceRow('s', { host: 'u.test', retries: 3 })
    const matched = { session, route: routeRow('r', 's'), service, silent: false } as const
    return { session, connecting: balance({ ...matched, protocol: 'tcp' }) }
  }
  const leave = (session: Session) => log(session, new Ended('client.closed'))
  const turn = (ticket: number) => queues.receive({ type: 'queue.turn', upstream: 'u', ticket })
  return { arrive, leave, held, told, queues, turn }
}

const [a, b] = ['10.0.0.1:1', '10.0.0.2:1'] as const
const settle = () => new Promise(setImmediate)

test('what is taken is released when the session ends, however it does', async () => {
  const { arrive, leave, held } = await worldOf({
    upstream: { max_connections: 2 },
    targets: { [a]: { max_connections: 2 } },
  })
  const first = arrive()
  expect(await first.connecting).toMatchObject({ target: { host: '10.0.0.1', port: 1 } })
  expect([...held]).toEqual([
    ['upstream:u', 1],
    [`target:${a}`, 1],
  ])
  await leave(first.session)
  expect([...held.values()]).toEqual([0, 0])
})

test('a full target is passed over, and when all are full nobody is let in', async () => {
  const { arrive, held } = await worldOf({
    targets: { [a]: { max_connections: 1 }, [b]: { max_connections: 2 } },
  })
  for (let count = 0; count < 3; count++) {
    expect(await arrive().connecting).not.toBeInstanceOf(Ended)
  }
  expect([held.get(`target:${a}`), held.get(`target:${b}`)]).toEqual([1, 2])
  expect(await arrive().connecting).toEqual(new Ended('upstream.max_connections'))
  expect([held.get(`target:${a}`), held.get(`target:${b}`)]).toEqual([1, 2])
})

test('who waits holds nothing, and gets what is freed', async () => {
  const { arrive, leave, told, turn, held } = await worldOf({
    upstream: { max_connections: 1, queue_size: 1 },
    targets: { [a]: {} },
  })
  const first = arrive()
  await first.connecting
  const second = arrive()
  await settle()
  expect(told).toEqual(['join'])
  turn(1)
  await settle()
  expect(held.get('upstream:u')).toBe(1)
  await leave(first.session)
  expect(told).toEqual(['join', 'freed'])
  turn(1)
  expect(await second.connecting).toMatchObject({ target: { host: '10.0.0.1' } })
  expect(told).toEqual(['join', 'freed', 'leave'])
  expect(held.get('upstream:u')).toBe(1)
})

test('who comes while others wait goes behind them, though there is room', async () => {
  const { arrive, queues, told, held, turn } = await worldOf({
    upstream: { max_connections: 5, queue_size: 5 },
    targets: { [a]: {} },
  })
  queues.receive({ type: 'queue.waiting', upstream: 'u', waiting: true })
  const late = arrive()
  await settle()
  expect(told).toEqual(['freed', 'join'])
  expect(held.size).toBe(0)
  turn(1)
  expect(await late.connecting).not.toBeInstanceOf(Ended)
})

test('a retry keeps its permit of the upstream, gives that of the target back, and passes the queue', async () => {
  const { arrive, queues, held } = await worldOf({
    upstream: { max_connections: 5, queue_size: 5 },
    targets: { [a]: { max_connections: 1 }, [b]: { max_connections: 1 } },
    dead: [a],
    phases: {
      balance: ({ failed, targets }) => {
        if (failed === 1) queues.receive({ type: 'queue.waiting', upstream: 'u', waiting: true })
        return targets.find(({ host }) => host === '10.0.0.1') ?? undefined
      },
    },
  })
  expect(await arrive().connecting).toMatchObject({ target: { host: '10.0.0.2' } })
  expect(Object.fromEntries(held)).toEqual({
    'upstream:u': 1,
    [`target:${a}`]: 0,
    [`target:${b}`]: 1,
  })
})

test('nobody waits whom a plugin refuses', async () => {
  const { arrive, told } = await worldOf({
    upstream: { max_connections: 1, queue_size: 5 },
    targets: { [a]: {} },
    phases: { balance: () => reject('not you') },
  })
  expect(await arrive().connecting).toMatchObject({ ending: 'plugin.p.rejected' })
  expect(told).toEqual([])
})

test('plugins that leave the choice to the balancer are asked once, others whenever there is a choice', async () => {
  const asked: number[] = []
  const world = (names: boolean) =>
    worldOf({
      targets: { [a]: { max_connections: 1 }, [b]: { max_connections: 1 } },
      phases: {
        balance: ({ targets }) => (asked.push(targets.length), names ? targets[0] : undefined),
      },
    })
  const silent = await world(false)
  for (let count = 0; count < 3; count++) await silent.arrive().connecting
  expect(asked).toEqual([2, 2, 2])
  asked.length = 0
  const naming = await world(true)
  for (let count = 0; count < 2; count++) await naming.arrive().connecting
  expect(asked.length).toBeGreaterThanOrEqual(2)
  expect(await naming.arrive().connecting).toMatchObject({ ending: 'upstream.max_connections' })
  expect(asked.slice(-2)).toEqual([2, 1])
})

test('a plugin that insists on a full target finds no room; what it names itself is not counted', async () => {
  const insisting = await worldOf({
    targets: { [a]: { max_connections: 1 }, [b]: {} },
    phases: { balance: () => ({ host: '10.0.0.1', port: 1 }) },
  })
  await insisting.arrive().connecting
  expect(await insisting.arrive().connecting).toMatchObject({ ending: 'upstream.max_connections' })
  const elsewhere = await worldOf({
    targets: { [a]: { max_connections: 1 } },
    phases: { balance: () => ({ host: '10.9.9.9', port: 1 }) },
  })
  for (let count = 0; count < 2; count++) await elsewhere.arrive().connecting
  expect(elsewhere.held.size).toBe(0)
})
