import type { Protocol } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import type { Change, Route } from '../../entities/rows.ts'
import { apply } from '../../gateway/configuration.fixture.ts'
import { routeRow, serviceRow } from '../../gateway/rows.fixture.ts'
import { hello, serverName } from '../../routing/hello.fixture.ts'
import { TransportError, type Peeked, type Side } from '../../transport/transport.ts'
import { fakeInbound, fakeOutbound, hostOf, type Events } from '../connection.fixture.ts'
import { Ended } from '../ended.ts'
import { listenFirst } from './listen-first.ts'
import type { Matched } from './preread.ts'
import { Session } from '../session.ts'

const put = (row: Route): Change => ({ op: 'put', entity: 'routes', row })
const named = hello({ extensions: [serverName('a.example')] })

/** A peer that says nothing until it is no longer asked. */
const isSilent: Side['peek'] = (_atLeast, { signal }) =>
  new Promise((_resolve, reject) => {
    const cancel = () => reject(new TransportError('cancelled', 'nobody waits any more'))
    signal?.addEventListener('abort', cancel)
  })

/** Where a client is led that was silent and then says its hello: route and protocol, or undefined for no change. */
async function led(protocols: readonly Protocol[], others: readonly Route[] = []) {
  const host = await hostOf()
  const route = routeRow('r', 's', { protocols: [...protocols] })
  const service = serviceRow('s')
  const changes = [route, ...others].map(put)
  await apply(host.configuration, { op: 'put', entity: 'services', row: service }, ...changes)
  const said = (): Promise<Peeked> => Promise.resolve({ bytes: named, ended: false })
  const session = new Session(fakeInbound([], { peek: said }), host)
  session.enter(host.configuration.pipelineFor(route, 'tcp'))
  const matched: Matched = { session, route, service, protocol: 'tcp', silent: true }
  const events: Events = []
  const outbound = fakeOutbound(events, { peek: isSilent })
  const again = await listenFirst({ matched, target: { host: 'a', port: 1 }, outbound })
  const where = again && (again instanceof Ended ? again.ending : [again.route.id, again.protocol])
  return { where, events }
}

test('a plain route that takes the hello as it is stands', async () => {
  expect(await led(['tcp'])).toEqual({ where: undefined, events: [] })
})

test('a hello for another route leads there', async () => {
  const other = routeRow('t', 's', { protocols: ['tls'], snis: ['a.example'] })
  expect(await led(['tcp'], [other])).toEqual({ where: ['t', 'tls'], events: ['discard'] })
})

test('a route for plain bytes and for TLS ends the TLS of a client that was silent first', async () => {
  expect(await led(['tcp', 'tls'])).toEqual({ where: ['r', 'tls'], events: ['discard'] })
})
