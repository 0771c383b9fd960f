import { passthrough, reject, type Phases } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import { apply, counted, Ledger } from '../gateway/configuration.fixture.ts'
import { pluginRow, routeRow, serviceRow } from '../gateway/rows.fixture.ts'
import type { Change } from '../entities/rows.ts'
import { hello, serverName } from '../routing/hello.fixture.ts'
import { failsTo, fakeInbound, fakeSecured, hostOf, shows } from './connection.fixture.ts'
import { serve } from './serve.ts'

const put = (entity: Change['entity'], row: unknown) => ({ op: 'put', entity, row }) as Change
const named = hello({ extensions: [serverName('a.example')] })

/** How a client of a TLS route without a service is refused: what happened to its socket, and to its TLS. */
async function refused(phases: Phases, handshake?: 'fails') {
  const host = await hostOf([counted('probe', new Ledger(), phases)])
  await apply(
    host.configuration,
    put('services', serviceRow('s')),
    put('routes', routeRow('r', null, { protocols: ['tls'], sources: null, snis: ['a.example'] })),
    put('plugins', pluginRow('p', 'probe')),
  )
  const [outside, inside]: [string[], string[]] = [[], []]
  const secure = handshake
    ? failsTo('handshake')
    : () => Promise.resolve(fakeSecured(inside, 'a.example'))
  await serve(fakeInbound(outside, { peek: shows(named), secure }), host)
  return { outside, inside, ending: host.records[0]?.ending }
}

const overTls = () => reject('no', 'words', { overTls: true })
const ending = 'plugin.probe.rejected'

test('words for the inside of TLS are said after the handshake, at once or later', async () => {
  const expected = { outside: [], inside: ['end 5'], ending }
  expect(await refused({ preread: overTls })).toEqual(expected)
  expect(await refused({ preread: async () => overTls(), tls: async () => undefined })).toEqual(
    expected,
  )
})

test('other words are said as they are', async () => {
  const said = await refused({ preread: () => reject('no', 'words') })
  expect(said).toEqual({ outside: ['end 5'], inside: [], ending })
})

test('where TLS passes after all, nothing is said', async () => {
  const said = await refused({ preread: overTls, tls: () => passthrough })
  expect(said).toEqual({ outside: ['end'], inside: [], ending })
})

test('a handshake that fails is how it ended', async () => {
  expect(await refused({ preread: overTls }, 'fails')).toMatchObject({
    ending: 'client.tls.handshake_failed',
  })
})
