import type { Phases } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import { apply, counted, Ledger } from '../../gateway/configuration.fixture.ts'
import { pluginRow, routeRow, serviceRow } from '../../gateway/rows.fixture.ts'
import type { Change } from '../../entities/rows.ts'
import { fakeInbound, hostOf } from '../connection.fixture.ts'
import { Ended } from '../ended.ts'
import { log } from './log.ts'
import { Session } from '../session.ts'

const go = (): undefined => undefined

test('who had a say before a second routing hears how it ends, once, though it was deleted meanwhile', async () => {
  const heard: string[] = []
  const plugins = new Map<string, Phases>([
    ['first', { preread: go, log: () => void heard.push('first') }],
    ['logs', { log: () => void heard.push('logs') }],
    ['both', { preread: go, log: async () => void heard.push('both') }],
    ['second', { preread: go, log: () => void heard.push('second') }],
  ])
  const ledger = new Ledger()
  const host = await hostOf([...plugins].map(([name, phases]) => counted(name, ledger, phases)))
  const { configuration } = host
  const [plain, tls] = [routeRow('plain', 's'), routeRow('tls', 's', { protocols: ['tls'] })]
  const put = (entity: Change['entity'], row: unknown) => ({ op: 'put', entity, row }) as Change
  await apply(
    configuration,
    put('services', serviceRow('s')),
    put('routes', plain),
    put('routes', tls),
    put('plugins', pluginRow('1', 'first', { route: { id: 'plain' } })),
    put('plugins', pluginRow('2', 'logs', { route: { id: 'plain' } })),
    put('plugins', pluginRow('3', 'both')),
    put('plugins', pluginRow('4', 'second', { route: { id: 'tls' } })),
  )
  const session = new Session(fakeInbound([]), host)
  session.enter(configuration.pipelineFor(plain, 'tcp'))
  session.seen.matched(plain, serviceRow('s'), 'tcp', undefined)
  session.enter(configuration.pipelineFor(tls, 'tls'))
  await apply(configuration, { op: 'delete', entity: 'plugins', id: '1' })
  expect(ledger.teardowns).toBe(0)
  await log(session, new Ended('client.closed'))
  expect(heard.toSorted()).toEqual(['both', 'first', 'second'])
  await expect.poll(() => ledger.teardowns).toBe(1)
})
