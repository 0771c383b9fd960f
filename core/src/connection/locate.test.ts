import { expect, test } from 'vitest'
import type { Answer, Names } from '../balancing/names.ts'
import { serviceRow } from '../gateway/rows.fixture.ts'
import { TransportError } from '../transport/transport.ts'
import { balance } from './balance.ts'
import { fakeInbound, fakeOutbound, hostOf } from './connection.fixture.ts'
import { Ended } from './ended.ts'
import { locate, nowhere } from './locate.ts'
import { reach } from './reach.ts'
import { Session } from './session.ts'

const service = serviceRow('s', { host: 'up', port: 9 })

async function sessionWith(resolve: Names['resolve']): Promise<Session> {
  const names: Names = { resolve, watch: () => ({ close: () => undefined }) }
  const connect = async (remote: { address: string; port: number }) => {
    if (remote.address === '10.0.0.1') throw new TransportError('refused', 'no')
    return fakeOutbound([], { remote })
  }
  return new Session(fakeInbound([], { connect }), { ...(await hostOf()), names })
}

const places: Answer = {
  type: 'SRV',
  addresses: [
    { ip: '10.0.0.1', port: 7, weight: 1 },
    { ip: '10.0.0.2', weight: 1 },
  ],
}
const matched = { route: undefined as never, protocol: 'tcp', silent: false } as const

test('addresses of a service take turns, with the ports that they bring', async () => {
  const literals = (host: string): Answer => ({ type: 'A', addresses: [{ ip: host }] })
  const session = await sessionWith((host) => (host === 'up' ? places : literals(host)))
  const connected = await balance({ ...matched, session, service })
  expect(connected).toMatchObject({ target: { host: '10.0.0.2', port: 9 } })
  expect(session.tries).toMatchObject([
    { host: '10.0.0.1', port: 7 },
    { host: '10.0.0.2', port: 9 },
  ])
  const again = await balance({ ...matched, session, service })
  expect(again).toMatchObject({ target: { host: '10.0.0.2', port: 9 } })
  expect(session.tries).toHaveLength(3)
})

test('a host that a plugin names is connected to where it is', async () => {
  const addresses = [{ ip: '10.0.0.3', port: 8 }]
  const session = await sessionWith(async () => ({ type: 'SRV', addresses }))
  const target = { host: 'other', port: 1 }
  expect(await reach({ ...matched, session, service }, target, false)).toMatchObject({
    remote: { address: '10.0.0.3', port: 8 },
  })
})

test('a name that is not resolved holds nobody up for longer than a connect may take', async () => {
  const session = await sessionWith(() => new Promise(() => undefined))
  const impatient = { ...service, connect_timeout: 1 }
  expect(await locate(session, impatient, 'up')).toEqual({
    places: [],
    error: 'its name was not resolved within 1 ms',
  })
  expect(await balance({ ...matched, session, service: impatient })).toEqual(
    new Ended('upstream.dns.failed', 'up has no address: its name was not resolved within 1 ms'),
  )
  expect(session.interrupt).toBeUndefined()
})

test('a session that is stopped does not wait for a name', async () => {
  const session = await sessionWith(() => new Promise(() => undefined))
  const balancing = balance({ ...matched, session, service })
  session.stop(new Ended('admin.killed'))
  expect(await balancing).toEqual(new Ended('admin.killed'))
})

test('an answer that is older than it should be is used', async () => {
  const stale = { ...places, error: 'no name server answers' }
  const session = await sessionWith(async () => stale)
  expect(await locate(session, service, 'up')).toEqual({
    places: places.addresses,
    error: 'no name server answers',
  })
})

test('what is not known about a failure is not told', () => {
  expect(nowhere('up', undefined)).toBe('up has no address')
})
