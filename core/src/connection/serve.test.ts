import { reject, type Phases } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import type { Change, Route, Service } from '../entities/rows.ts'
import { apply, counted, Ledger } from '../gateway/configuration.fixture.ts'
import { pluginRow, routeRow, serviceRow } from '../gateway/rows.fixture.ts'
import { hello, serverName } from '../routing/hello.fixture.ts'
import type { ConnectOptions, Inbound, Outbound } from '../transport/transport.ts'
import { connectionsKey } from './phases/accept.ts'
import {
  failsTo,
  fakeInbound,
  fakeOutbound,
  fakeRelay,
  fakeSecured,
  hostOf,
  shows,
  type Events,
  type FakeHost,
} from './connection.fixture.ts'
import { Ended, endedBy } from './ended.ts'
import { serve } from './serve.ts'

const closed = { by: 'client', how: 'fin' } as const
const put = (entity: Change['entity'], row: unknown) => ({ op: 'put', entity, row }) as Change

async function world(
  phases: Phases = {},
  fields: {
    route?: Partial<Route>
    service?: Partial<Service>
    more?: Parameters<typeof hostOf>[1]
  } = {},
): Promise<FakeHost> {
  const host = await hostOf([counted('probe', new Ledger(), phases)], fields.more)
  await apply(
    host.configuration,
    put('services', serviceRow('s', fields.service)),
    put('routes', routeRow('r', 's', fields.route)),
    put('plugins', pluginRow('p', 'probe')),
  )
  return host
}

/** The relay tells its end to nobody who could be waited for here. */
async function isOver(host: FakeHost): Promise<void> {
  await expect.poll(() => host.records, { interval: 1 }).not.toHaveLength(0)
}

/** A connection that runs to its end through these fakes. */
async function run(host: FakeHost, fake: Partial<Inbound> = {}, events: Events = []) {
  await serve(fakeInbound(events, fake), host)
  await isOver(host)
  const [record] = host.records
  return { record, events, ending: record?.ending, reason: record?.reason }
}

const works = (): Partial<Inbound> => ({
  connect: async () => fakeOutbound([]),
  relay: () => fakeRelay(closed),
})

test('without asynchronous taps nothing waits between accept and connect', async () => {
  const order: string[] = []
  const note = (phase: string) => () => void order.push(phase)
  const host = await world({
    accept: note('accept'),
    preread: note('preread'),
    balance: note('balance'),
    proxy: note('proxy'),
    log: note('log'),
  })
  const serving = serve(
    fakeInbound([], {
      ...works(),
      connect: (...args) => (order.push('connect'), works().connect!(...args)),
    }),
    host,
  )
  expect(order).toEqual(['accept', 'preread', 'balance', 'connect'])
  expect(host.live.size).toBe(1)
  await serving
  await isOver(host)
  expect(order).toEqual(['accept', 'preread', 'balance', 'connect', 'proxy', 'log'])
  expect(host.live.size).toBe(0)
  expect(host.records).toMatchObject([
    {
      ending: 'client.closed',
      bytes: { client: { received: 1, sent: 4 }, upstream: { received: 3, sent: 2 } },
    },
  ])
})

test.each(['accept', 'preread', 'balance'] as const)(
  'a refusal in %s says farewell, and the log hears of it',
  async (phase) => {
    const heard: string[] = []
    const host = await world({
      [phase]: async () => reject('no', 'bye'),
      log: ({ ending }) => void heard.push(ending),
    })
    const { events, record } = await run(host, works())
    expect(events).toEqual(['end 3'])
    expect(record).toMatchObject({
      ending: 'plugin.probe.rejected',
      reason: 'no',
      status: 403,
      bytes: { client: { sent: 3 } },
    })
    expect(heard).toEqual(['plugin.probe.rejected'])
    expect(host.errors).toEqual([])
  },
)

test('max_connections counts from accept to the end, whoever answers late', async () => {
  const taken: string[] = []
  const counters = (answer: boolean) => ({
    take: async (key: string) => (taken.push(`take ${key}`), answer),
    release: (key: string) => void taken.push(`release ${key}`),
  })
  const more = { limits: { maxConnections: 1 } }
  expect(
    await run(await world({}, { more: { ...more, counters: counters(true) } }), works()),
  ).toMatchObject({ ending: 'client.closed' })
  expect(
    await run(await world({}, { more: { ...more, counters: counters(false) } }), works()),
  ).toMatchObject({ ending: 'gateway.max_connections', events: ['end'] })
  expect(taken).toEqual([
    `take ${connectionsKey}`,
    `release ${connectionsKey}`,
    `take ${connectionsKey}`,
  ])
})

const tls = { route: { protocols: ['tls'], sources: null, snis: ['a.example'] } }
const said = shows(hello({ extensions: [serverName('a.example')] }))

test.each([
  ['the same name', 'A.example.', 'client.closed'],
  ['another name', 'b.example', 'client.tls.sni_mismatch'],
  ['no name', undefined, 'client.tls.sni_mismatch'],
])('a handshake with %s than was routed', async (_what, name, ending) => {
  const events: Events = []
  const secured = { ...fakeSecured(events, name), ...works() }
  expect(
    await run(await world({}, tls), { peek: said, secure: async () => secured }, events),
  ).toMatchObject({ ending })
})

test.each([
  ['timeout', 'client.tls.handshake_timeout'],
  ['reset', 'client.reset'],
  ['handshake', 'client.tls.handshake_failed'],
] as const)('a handshake that ends by %s', async (failure, ending) => {
  expect(await run(await world({}, tls), { peek: said, secure: failsTo(failure) })).toMatchObject({
    ending,
  })
})

test('a name whose certificate is not there', async () => {
  const host = await world({}, tls)
  await apply(
    host.configuration,
    put('snis', { id: 'n', name: 'a.example', certificate: { id: 'gone' } }),
  )
  expect(await run(host, { peek: said })).toMatchObject({ ending: 'gateway.certificate.failed' })
})

test.each([
  ['refused', 'upstream.connect.refused'],
  ['timeout', 'upstream.connect.timeout'],
  ['unreachable', 'upstream.connect.unreachable'],
  ['reset', 'upstream.reset'],
  ['failed', 'upstream.connect.failed'],
] as const)(
  'an upstream that is %s is tried once, for it has one address',
  async (failure, ending) => {
    const { record } = await run(await world(), { connect: failsTo(failure) })
    expect(record).toMatchObject({ ending, tries: [{ host: '127.0.0.1', failure: ending }] })
  },
)

test('targets of a plugin’s own are bounded by the retries', async () => {
  const asked: number[] = []
  const host = await world(
    { balance: ({ failed }) => (asked.push(failed), { host: 'elsewhere', port: 9 }) },
    { service: { retries: 2 } },
  )
  const { record } = await run(host, { connect: failsTo('refused') })
  expect(asked).toEqual([0, 1, 2])
  expect(record?.tries).toHaveLength(3)
})

test('TLS to the upstream: name, list of authorities, client certificate, depth', async () => {
  const seen: ConnectOptions[] = []
  const connect = async (_target: unknown, options: ConnectOptions): Promise<Outbound> => (
    seen.push(options),
    fakeOutbound([])
  )
  const service = {
    protocol: 'tls',
    host: 'up.example',
    tls_verify: true,
    tls_verify_depth: 2,
    ca_certificates: ['gone'],
    client_certificate: { id: 'c' },
  }
  const host = await world({}, { service })
  await apply(
    host.configuration,
    put('services', serviceRow('s', { ...service, host: '10.0.0.9' })),
  )
  await run(host, { ...works(), connect })
  // An authority that is not there leaves the list empty: nothing verifies, rather than everything.
  expect(seen[0]?.tls).toEqual({ verify: true, verifyDepth: 2, ca: [] })
  await apply(
    host.configuration,
    put('services', serviceRow('s', { protocol: 'tls', host: 'up.example' })),
  )
  await run(host, { ...works(), connect })
  expect(seen[1]?.tls).toEqual({ verify: false, serverName: 'up.example' })
})

test('a plugin that fails in proxy costs the upstream’s connection, not the gateway’s', async () => {
  const events: Events = []
  const host = await world({
    proxy: () => {
      throw new Error('boom')
    },
  })
  const { ending } = await run(host, { connect: async () => fakeOutbound(events) }, events)
  expect(ending).toBe('plugin.probe.failed')
  expect(events).toEqual(['discard', 'end'])
  expect(host.errors).toEqual(['plugin probe, proxy: boom'])
})

test.each([
  ['upstream', 'fin', 'upstream.closed'],
  ['upstream', 'reset', 'upstream.reset'],
  ['client', 'reset', 'client.reset'],
  ['gateway', 'idle', 'gateway.idle_timeout'],
] as const)('a relay that ends by the %s with %s', async (by, how, ending) => {
  expect(
    await run(await world(), { ...works(), relay: () => fakeRelay({ by, how }) }),
  ).toMatchObject({ ending })
})

test('who is stopped from outside ends as the one who stopped it says', async () => {
  const host = await world({ balance: () => new Promise((resolve) => setImmediate(resolve)) })
  const events: Events = []
  const running = run(host, { connect: async () => fakeOutbound(events) }, events)
  for (const session of host.live) session.stop(new Ended('gateway.drain.deadline'))
  expect(await running).toMatchObject({ ending: 'gateway.drain.deadline' })
  expect(events).toEqual(['reset', 'discard', 'reset'])
})

test('who is stopped while the upstream does not answer ends at once; an upstream that answers late is let go', async () => {
  const host = await world()
  const events: Events = []
  const dialled = Promise.withResolvers<void>()
  const { promise: late, resolve } = Promise.withResolvers<Outbound>()
  const connect = () => (dialled.resolve(), late)
  const running = run(host, { connect }, events)
  await dialled.promise
  for (const session of host.live) session.stop(new Ended('gateway.drain.deadline'))
  expect(await running).toMatchObject({ ending: 'gateway.drain.deadline' })
  expect(events).toEqual(['reset', 'reset'])
  resolve(fakeOutbound(events))
  await late
  expect(events).toEqual(['reset', 'reset', 'discard'])
})

test('a server that speaks first keeps the silent client’s route; a late ClientHello changes it', async () => {
  const asked: string[] = []
  const host = await world({ preread: (conn) => void asked.push(conn.route.id) })
  await apply(
    host.configuration,
    put(
      'routes',
      routeRow('t', 's', { protocols: ['tls_passthrough'], sources: null, snis: ['a.example'] }),
    ),
  )
  const events: Events = []
  const never = () => new Promise<never>(() => undefined)
  const settles = (_atLeast: number, { signal }: { signal?: AbortSignal }) =>
    new Promise<never>((_resolve, fail) =>
      signal?.addEventListener('abort', () => void failsTo('cancelled')().catch(fail)),
    )
  let looks = 0
  const peek: Inbound['peek'] = (atLeast, patience) => {
    looks += 1
    if (looks === 1) return failsTo('timeout')()
    return looks === 2 ? said() : never().then(() => settles(atLeast, patience))
  }
  const outbound = fakeOutbound(events, { peek: settles })
  const { record } = await run(
    host,
    { peek, connect: async () => outbound, relay: () => fakeRelay(closed) },
    events,
  )
  expect(record).toMatchObject({
    ending: 'client.closed',
    route: { id: 't' },
    protocol: 'tls_passthrough',
  })
  expect(record?.tries).toHaveLength(1)
  expect(events).toEqual(['discard'])
  expect(asked).toEqual(['r'])
})

test('a fault of the gateway is reported as one', async () => {
  const host = await world()
  expect(
    await run(host, {
      connect: async () => {
        throw new Error('a bug')
      },
    }),
  ).toMatchObject({ ending: 'gateway.error', reason: 'a bug' })
  expect(host.errors).toEqual(['the gateway failed a connection'])
  expect(endedBy('text')).toMatchObject({ ending: 'gateway.error', reason: 'text' })
})
