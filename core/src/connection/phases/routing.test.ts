import { expect, test } from 'vitest'
import type { Change, Route } from '../../entities/rows.ts'
import { apply } from '../../gateway/configuration.fixture.ts'
import { routeRow, serviceRow } from '../../gateway/rows.fixture.ts'
import { hello, serverName } from '../../routing/hello.fixture.ts'
import type { Inbound } from '../../transport/transport.ts'
import { failsTo, fakeInbound, hostOf, shows } from '../connection.fixture.ts'
import { Ended } from '../ended.ts'
import { preread } from './preread.ts'
import { secure } from './secure.ts'
import { Session } from '../session.ts'
import { startsTls } from '../client/sniff.ts'

const tls: Partial<Route> = { protocols: ['tls'], sources: null, snis: ['a.example'] }
const put = (row: Route): Change => ({ op: 'put', entity: 'routes', row })

/** Where a connection of these routes and first bytes is led: the route's id or the ending. */
async function route(routes: readonly Route[], peek?: Inbound['peek']) {
  const host = await hostOf()
  await apply(
    host.configuration,
    { op: 'put', entity: 'services', row: serviceRow('s') },
    ...routes.map(put),
  )
  const matched = await preread({ session: new Session(fakeInbound([], peek && { peek }), host) })
  if (matched instanceof Ended) return matched.ending
  const { route: found, protocol, silent } = matched
  return silent ? `${found.id} ${protocol} silent` : `${found.id} ${protocol}`
}

const named = hello({ extensions: [serverName('a.example')] })
const plain = routeRow('plain', 's')
const both = [plain, routeRow('tls', 's', tls)]
const onlyTls = [routeRow('tls', 's', tls)]

test.each([
  ['nobody looks where no route needs it', [plain], undefined, 'plain tcp'],
  ['a name', both, shows(named), 'tls tls'],
  [
    'another name falls back to the plain route',
    both,
    shows(hello({ extensions: [serverName('b.example')] })),
    'plain tcp',
  ],
  ['a plain first byte', both, shows(Uint8Array.of(0x41)), 'plain tcp'],
  ['silence', both, failsTo('timeout'), 'plain tcp silent'],
  ['silence without a plain route', onlyTls, failsTo('timeout'), 'client.preread.timeout'],
  ['plain bytes without a plain route', onlyTls, shows(Uint8Array.of(0x41)), 'gateway.route.none'],
  ['nothing but the end', onlyTls, shows(new Uint8Array(), true), 'client.preread.closed'],
  ['half a hello and the end', both, shows(named.subarray(0, 30), true), 'client.preread.closed'],
  [
    'passing through',
    [routeRow('tls', 's', { ...tls, protocols: ['tls_passthrough'] })],
    shows(named),
    'tls tls_passthrough',
  ],
  ['a route without a service', [routeRow('r', null)], undefined, 'gateway.service.none'],
  ['no route', [], undefined, 'gateway.route.none'],
])('%s', async (_what, routes, peek, where) => {
  expect(await route(routes, peek)).toBe(where)
})

test('a hello that is larger than the buffer is refused, in one packet as in many', async () => {
  const large = hello({
    extensions: [serverName('a.example'), [21, Array.from({ length: 2000 }, () => 0)]],
  })
  expect(await route(both, shows(large))).toBe('client.preread.too_large')
  expect(await route(both, shows(large.subarray(0, 100)))).toBe('client.preread.too_large')
})

test('a first byte of 22 starts TLS; no byte starts nothing', () => {
  expect(startsTls(Uint8Array.of(22))).toBe(true)
  expect(startsTls(Uint8Array.of(21))).toBe(false)
  expect(startsTls(new Uint8Array())).toBe(false)
})

test('a plain session passes the phase tls as it is', async () => {
  const session = new Session(fakeInbound([]), await hostOf())
  const matched = {
    session,
    route: plain,
    service: serviceRow('s'),
    protocol: 'tcp',
    silent: false,
  } as const
  expect(secure(matched)).toBe(matched)
  await expect(session.peek(1)).rejects.toThrow('belongs to the phase preread')
})

test.each<[string, Inbound['peek']]>([
  ['silence', failsTo('timeout')],
  ['a plain byte', shows(Uint8Array.of(0x41))],
])('a plain route that was deleted meanwhile serves nobody: %s', async (_what, peek) => {
  const host = await hostOf()
  await apply(
    host.configuration,
    { op: 'put', entity: 'services', row: serviceRow('s') },
    ...both.map(put),
  )
  const whileDeleting: Inbound['peek'] = async (...how) => {
    await apply(host.configuration, { op: 'delete', entity: 'routes', id: plain.id })
    return peek(...how)
  }
  const inbound = fakeInbound([], { peek: whileDeleting })
  expect(await preread({ session: new Session(inbound, host) })).toMatchObject({
    ending: expect.stringMatching(/^(gateway\.route\.none|client\.preread\.timeout)$/),
  })
})
