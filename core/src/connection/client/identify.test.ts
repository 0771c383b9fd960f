import { reject } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import { apply, counted, Ledger } from '../../gateway/configuration.fixture.ts'
import { pluginRow, routeRow, serviceRow } from '../../gateway/rows.fixture.ts'
import type { Inbound, Patience, Peeked } from '../../transport/transport.ts'
import {
  failsTo,
  fakeInbound,
  fakeOutbound,
  fakeRelay,
  hostOf,
  type Events,
} from '../connection.fixture.ts'
import { identify } from './identify.ts'
import { serve } from '../serve.ts'
import { Session } from '../session.ts'

const line = Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n')
const sender = { address: '10.0.0.1', port: 4000 }

/** Bytes that come as far as they are asked for, one at a time beyond that. */
function comes(bytes: Uint8Array, events: Events): Inbound['peek'] {
  return (atLeast) => {
    events.push(`peek ${atLeast}`)
    const ended = atLeast > bytes.length
    return Promise.resolve<Peeked>({ bytes: bytes.subarray(0, atLeast), ended })
  }
}

async function sessionOf(fake: Partial<Inbound>, more: Parameters<typeof hostOf>[1] = {}) {
  const events: Events = []
  const skip = (count: number): void => void events.push(`skip ${count}`)
  const host = await hostOf([], more)
  return { events, session: new Session(fakeInbound(events, { skip, ...fake }), host, true) }
}

test('the header is taken away, to the byte, and the client is the one in it', async () => {
  const events: Events = []
  const { session, events: more } = await sessionOf({ peek: comes(line, events) })
  expect(await identify(session)).toBeUndefined()
  expect([events.at(0), events.at(-1)]).toEqual(['peek 1', `peek ${line.length}`])
  expect(more).toEqual([`skip ${line.length}`])
  expect(session.seen.client).toEqual({ address: '192.0.2.7', port: 4711 })
  expect(session.seen.listener).toEqual({ address: '10.0.0.2', port: 5555 })
  expect(session.seen.proxy).toEqual({
    version: 1,
    peer: sender,
    destination: { address: '198.51.100.1', port: 443 },
    tlvs: {},
  })
})

test('a header that names nobody leaves the addresses of the socket', async () => {
  const { session } = await sessionOf({ peek: comes(Buffer.from('PROXY UNKNOWN\r\n'), []) })
  await identify(session)
  const listener = { address: '10.0.0.2', port: 5555 }
  expect(session.seen).toMatchObject({
    client: sender,
    listener,
    proxy: { peer: sender, destination: listener },
  })
})

test('the deadlines of what follows count from the end of the header', async () => {
  const patience: Patience[] = []
  const { session } = await sessionOf(
    {
      peek: (_, each) => {
        patience.push(each)
        session.since = 0
        return Promise.resolve({ bytes: line, ended: false })
      },
    },
    { limits: { proxyTimeout: 7, prereadTimeout: 9 } },
  )
  const { born } = session
  await identify(session)
  expect(patience).toEqual([{ deadline: born + 7 }])
  expect(session.since).toBeGreaterThanOrEqual(born)
  expect(session.firstBytes.deadline).toBe(session.since + 9)
})

test.each([
  ['timeout', 'client.proxy.timeout'],
  ['closed', 'client.proxy.closed'],
] as const)('a peek that fails: %s', async (failure, ending) => {
  const { session, events } = await sessionOf({ peek: failsTo(failure) })
  expect(await identify(session)).toMatchObject({ ending })
  expect(events).toEqual([])
})

test('a reset is no fault of the header', async () => {
  const { session } = await sessionOf({ peek: failsTo('reset') })
  await expect(identify(session)).rejects.toMatchObject({ failure: 'reset' })
})

test('who is not trusted is not even looked at', async () => {
  const { session, events } = await sessionOf({})
  const host = { ...session.host, senders: { has: (address: string) => address !== '10.0.0.1' } }
  const other = new Session(session.inbound, host, true)
  expect(await identify(other)).toMatchObject({
    ending: 'client.proxy.untrusted',
    reason: '10.0.0.1 is not among trusted_ips',
  })
  expect(events).toEqual([])
})

test('it comes before the first plugin, after the limit, and only where it is expected', async () => {
  const order: string[] = []
  const accept = ({ client }: { client: { address: string } }) => {
    order.push(`accept ${client.address}`)
    return client.address === '192.0.2.7' ? reject('no') : undefined
  }
  const counters = {
    take: () => (order.push('take'), true),
    release: () => void order.push('release'),
  }
  const host = await hostOf([counted('probe', new Ledger(), { accept })], {
    limits: { maxConnections: 9 },
    counters,
  })
  await apply(
    host.configuration,
    { op: 'put', entity: 'services', row: serviceRow('s') },
    { op: 'put', entity: 'routes', row: routeRow('r', 's') },
    { op: 'put', entity: 'plugins', row: pluginRow('p', 'probe') },
  )
  const inbound = (): Inbound =>
    fakeInbound([], {
      peek: comes(line, order),
      skip: () => void order.push('skip'),
      connect: async () => fakeOutbound([]),
      relay: () => fakeRelay({ by: 'client', how: 'fin' }),
    })
  await serve(inbound(), host, true)
  expect(order.filter((event) => !event.startsWith('peek'))).toEqual([
    'take',
    'skip',
    'accept 192.0.2.7',
    'release',
  ])
  order.length = 0
  await serve(inbound(), host)
  expect(order).toEqual(['take', 'accept 10.0.0.1', 'release'])
  expect(host.records.map(({ ending }) => ending)).toEqual([
    'plugin.probe.rejected',
    'client.closed',
  ])
})
