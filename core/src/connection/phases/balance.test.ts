import { reject, type Phases } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import { HostSelections } from '../../balancing/host-selections.ts'
import { FakeNames } from '../../balancing/pools.fixture.ts'
import { apply, counted, Ledger } from '../../gateway/configuration.fixture.ts'
import { pluginRow, routeRow, serviceRow } from '../../gateway/rows.fixture.ts'
import type { Inbound } from '../../transport/transport.ts'
import { TransportError } from '../../transport/transport.ts'
import { balance } from './balance.ts'
import { fakeInbound, fakeOutbound, hostOf } from '../connection.fixture.ts'
import { Ended } from '../ended.ts'
import { listenFirst } from './listen-first.ts'
import { log } from './log.ts'
import { idleTimeout, proxy } from './proxy.ts'
import { reach } from '../upstream/reach.ts'
import { Session } from '../session.ts'

const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3']

async function matched(phases: Phases, connect: Inbound['connect'], retries: number | null = null) {
  const names = new FakeNames()
  names.set('up', { addresses: addresses.map((ip) => ({ ip })) })
  const host = await hostOf([counted('p', new Ledger(), phases)], { names })
  await apply(host.configuration, { op: 'put', entity: 'plugins', row: pluginRow('1', 'p') })
  const session = new Session(fakeInbound([], { connect }), host)
  return {
    session,
    route: routeRow('r', 's'),
    service: serviceRow('s', { host: 'up', port: 9, retries }),
    protocol: 'tcp',
    silent: false,
  } as const
}

const aimAt = (host: string) => ({
  target: { host, port: 1 },
  peer: undefined,
  upstream: undefined,
})

const refuses =
  (...dead: readonly string[]): Inbound['connect'] =>
  async (target) => {
    if (dead.includes(target.address)) throw new TransportError('refused', 'no')
    return fakeOutbound([], { remote: target })
  }

test('the first address is taken, and the next one when it fails', async () => {
  const { session, ...rest } = await matched({}, refuses('10.0.0.1'))
  const connected = await balance({ session, ...rest })
  expect(connected).toMatchObject({ target: { host: '10.0.0.2', port: 9 } })
  expect(session.tries).toMatchObject([
    { host: '10.0.0.1', failure: 'upstream.connect.refused' },
    { host: '10.0.0.2', ip: '10.0.0.2' },
  ])
})

test('a plugin sees what is left, and how many have failed', async () => {
  const asked: string[] = []
  const connecting = await matched(
    {
      balance: async ({ targets, failed }) => (
        asked.push(`${failed}: ${targets.map(({ host }) => host).join(' ')}`),
        targets.at(-1)
      ),
    },
    refuses(...addresses, '10.0.0.1'),
  )
  expect(await balance(connecting)).toMatchObject({ ending: 'upstream.connect.refused' })
  expect(asked).toEqual(['0: 10.0.0.1 10.0.0.2 10.0.0.3', '1: 10.0.0.2 10.0.0.1', '2: 10.0.0.2'])
})

test('retries bound the attempts; a refusal ends them', async () => {
  const once = await matched({}, refuses(...addresses), 0)
  expect(await balance(once)).toMatchObject({ ending: 'upstream.connect.refused' })
  expect(once.session.tries).toHaveLength(1)
  const refused = await matched(
    { balance: ({ failed }) => (failed === 1 ? reject('enough') : undefined) },
    refuses(...addresses),
  )
  expect(await balance(refused)).toMatchObject({ ending: 'plugin.p.rejected', reason: 'enough' })
})

test('a name without an address is no target', async () => {
  const nowhere = await matched({}, refuses())
  const names = new FakeNames()
  names.set('up', { addresses: [] })
  names.set('other', { addresses: [] })
  const hosts = new HostSelections(names, { now: Date.now, random: Math.random })
  const session = new Session(fakeInbound([]), { ...nowhere.session.host, names, hosts })
  expect(await balance({ ...nowhere, session })).toEqual(
    new Ended('upstream.dns.failed', 'up has no address'),
  )
  expect(await reach({ ...nowhere, session }, aimAt('other'))).toMatchObject({
    ending: 'upstream.dns.failed',
  })
})

test('a session that was stopped while it connected ends as it was told to', async () => {
  const stopped = await matched({}, async () => {
    stopped.session.stop(new Ended('admin.killed'))
    throw new TransportError('cancelled', 'stopped')
  })
  expect(await reach(stopped, aimAt('10.0.0.1'))).toMatchObject({
    ending: 'admin.killed',
  })
})

test('a session that was stopped before the bytes flow costs its upstream', async () => {
  const events: string[] = []
  const stopped = await matched({}, refuses())
  stopped.session.stop(new Ended('admin.killed'))
  const connected = {
    matched: stopped,
    target: { host: 'a', port: 1 },
    outbound: fakeOutbound(events),
  }
  expect(proxy(connected, () => events.push('finished'))).toMatchObject({ ending: 'admin.killed' })
  expect(events).toEqual(['discard'])
})

test('the shorter timeout is the idle time of a session, Kong’s default where nothing is said', () => {
  expect(idleTimeout(serviceRow('s', { read_timeout: 5, write_timeout: 9 }))).toBe(5)
  expect(idleTimeout(serviceRow('s', { read_timeout: null, write_timeout: null }))).toBe(60_000)
})

test('when neither side ever speaks the session has been idle', async () => {
  const silent = { ...(await matched({}, refuses())), silent: true }
  const events: string[] = []
  const timesOut = async () => {
    throw new TransportError('timeout', 'nothing came')
  }
  silent.session.inbound = fakeInbound(events, { peek: timesOut })
  const outbound = fakeOutbound(events, { peek: timesOut })
  const connected = { matched: silent, target: { host: 'a', port: 1 }, outbound }
  expect(await listenFirst(connected)).toEqual(new Ended('gateway.idle_timeout'))
  expect(events).toEqual(['discard'])
})

test('log lets the socket go, whatever the ending, and hears of it once', async () => {
  const { session } = await matched({}, refuses())
  await log(session, new Ended('gateway.route.none'))
  expect(session.seen).toMatchObject({ ending: 'gateway.route.none', status: 500 })
})
