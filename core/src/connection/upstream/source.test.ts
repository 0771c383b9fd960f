import type { Phases, Target } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import { poolsOf, targetRow, upstreamRow } from '../../balancing/pools.fixture.ts'
import type { Upstream } from '../../entities/rows.ts'
import { apply, counted, Ledger } from '../../gateway/configuration.fixture.ts'
import { pluginRow, routeRow, serviceRow } from '../../gateway/rows.fixture.ts'
import { TransportError } from '../../transport/transport.ts'
import { balance } from '../phases/balance.ts'
import { fakeInbound, fakeOutbound, hostOf } from '../connection.fixture.ts'
import { Ended } from '../ended.ts'
import type { Host } from '../host.ts'
import { Session } from '../session.ts'

interface World {
  readonly targets?: readonly string[]
  readonly upstream?: Partial<Upstream>
  readonly retries?: number
  readonly phases?: Phases
  readonly host?: Partial<Host>
  /** Addresses that refuse. */
  readonly dead?: readonly string[]
}

const both = ['10.0.0.1:80', '10.0.0.2:80']

async function world({
  targets = both,
  upstream,
  retries = 5,
  phases = {},
  host,
  dead = [],
}: World) {
  const around = poolsOf(() => 0)
  const all = await hostOf([counted('p', new Ledger(), phases)], { pools: around.pools })
  const { configuration } = all
  const rows = targets.map((target) => targetRow('u', target))
  await apply(
    configuration,
    { op: 'put', entity: 'plugins', row: pluginRow('1', 'p') },
    { op: 'put', entity: 'upstreams', row: upstreamRow('u', upstream) },
    ...rows.map((row) => ({ op: 'put', entity: 'targets', row }) as const),
  )
  const connected: string[] = []
  const dial = () => {
    const connect = async ({ address, port }: { address: string; port: number }) => {
      connected.push(`${address}:${port}`)
      if (dead.includes(address)) throw new TransportError('refused', 'no')
      return fakeOutbound([], { remote: { address, port } })
    }
    const session = new Session(fakeInbound([], { connect }), { ...all, ...host })
    const service = serviceRow('s', { host: 'u.test', port: 1, retries, connect_timeout: 20 })
    const route = routeRow('r', 's')
    return { session, ending: balance({ session, route, service, protocol: 'tcp', silent: false }) }
  }
  const peer = (key: string) =>
    around.pools.named('u.test')?.selection.find(key) ?? expect.fail(`there is no ${key}`)
  return { ...around, dial, connected, peer }
}

test('a connection counts for its peer from the connect to its end', async () => {
  const { dial, peer } = await world({ targets: ['10.0.0.1:80'] })
  const { session, ending } = dial()
  expect(peer('10.0.0.1:80')).toMatchObject({ own: 1, connecting: 1 })
  expect(await ending).toMatchObject({ target: { host: '10.0.0.1', port: 80 } })
  expect(peer('10.0.0.1:80')).toMatchObject({ own: 1, connecting: 0 })
  session.use?.end()
  expect(peer('10.0.0.1:80').own).toBe(0)
})

test('all targets are tried before one is tried again; every failure is told', async () => {
  const { dial, connected, told, pass, peer } = await world({
    retries: 3,
    dead: ['10.0.0.1', '10.0.0.2'],
  })
  expect(await dial().ending).toMatchObject({ ending: 'upstream.connect.refused' })
  expect(connected.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    '10.0.0.1:80',
    '10.0.0.1:80',
    '10.0.0.2:80',
    '10.0.0.2:80',
  ])
  pass(0)
  for (const key of both) {
    expect(told).toContainEqual({
      type: 'tried',
      upstream: 'u',
      peer: key,
      outcomes: { tcp_failure: 2 },
    })
    expect(peer(key).own).toBe(0)
  }
})

test('without retries the only failure is told, too', async () => {
  const { dial, told, pass } = await world({ retries: 0, dead: ['10.0.0.1', '10.0.0.2'] })
  await dial().ending
  pass(0)
  expect(told).toMatchObject([{ type: 'tried', outcomes: { tcp_failure: 1 } }])
})

test('nobody to pick has endings of its own; who recovers is picked at once', async () => {
  const none = await world({ targets: [] })
  expect(await none.dial().ending).toMatchObject({
    ending: 'upstream.targets.none',
    reason: 'upstream u.test',
  })
  const { dial, standing } = await world({})
  const tell = (available: boolean) => {
    const peers = both.map((peer) => ({ peer, available }))
    standing.receive({ type: 'health', upstream: 'u', peers })
  }
  tell(false)
  expect(await dial().ending).toMatchObject({ ending: 'upstream.targets.unhealthy' })
  tell(true)
  expect(await dial().ending).toMatchObject({ target: {} })
})

test('when the targets turn unhealthy while one is tried, its failure is what is told', async () => {
  const { dial, standing } = await world({ dead: ['10.0.0.1', '10.0.0.2'] })
  const { ending } = dial()
  const peers = both.map((peer) => ({ peer, available: false }))
  standing.receive({ type: 'health', upstream: 'u', peers })
  expect(await ending).toMatchObject({ ending: 'upstream.connect.refused' })
})

test('a connection waits for the first name to be resolved', async () => {
  const { dial, names, pools, connected } = await world({ targets: [] })
  names.set('late.test', undefined)
  pools.putTarget(targetRow('u', 'late.test:80'))
  const { ending } = dial()
  expect(connected).toEqual([])
  names.set('late.test', { addresses: [{ ip: '10.0.0.7' }] })
  expect(await ending).toMatchObject({ target: { host: '10.0.0.7' } })
})

test('one that is stopped meanwhile waits no longer, and neither does one whose time to connect is over', async () => {
  const { dial, names, pools } = await world({ targets: [] })
  names.set('late.test', undefined)
  pools.putTarget(targetRow('u', 'late.test:80'))
  const { session, ending } = dial()
  session.stop(new Ended('admin.killed'))
  await ending
  expect(session.waiting).toBeUndefined()
  expect(session.stopped).toMatchObject({ ending: 'admin.killed' })
  expect(await dial().ending).toMatchObject({ ending: 'upstream.targets.none' })
})

test('a plugin sees the targets that are available and untried, and they are put in order for it alone', async () => {
  const seen: (readonly Target[])[] = []
  const { dial, standing } = await world({
    targets: [...both, '10.0.0.3:80'],
    dead: ['10.0.0.1', '10.0.0.2'],
    phases: { balance: ({ targets }) => void seen.push(targets) },
  })
  standing.receive({
    type: 'health',
    upstream: 'u',
    peers: [{ peer: '10.0.0.3:80', available: false }],
  })
  await dial().ending
  expect(seen.slice(0, 2).map((targets) => targets.length)).toEqual([2, 1])
})

test('a target that a plugin chooses counts when it is one of the upstream, whatever its health', async () => {
  const { dial, standing, peer } = await world({
    phases: { balance: () => ({ host: '10.0.0.2', port: 80 }) },
  })
  standing.receive({
    type: 'health',
    upstream: 'u',
    peers: [{ peer: '10.0.0.2:80', available: false }],
  })
  expect(await dial().ending).toMatchObject({ target: { host: '10.0.0.2', port: 80 } })
  expect([peer('10.0.0.1:80').own, peer('10.0.0.2:80').own]).toEqual([0, 1])
})

test('a target that is the gateway itself is a failed try, and no fault of the target', async () => {
  const { dial, told, pass, connected } = await world({
    host: { isOwn: (ip, port) => ip === '10.0.0.1' && port === 80 },
  })
  expect(await dial().ending).toMatchObject({ target: { host: '10.0.0.2' } })
  expect(await dial().ending).toMatchObject({ target: { host: '10.0.0.2' } })
  expect(connected).toEqual(['10.0.0.2:80', '10.0.0.2:80'])
  pass(0)
  expect(told).toEqual([])
})
