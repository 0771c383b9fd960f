import { expect, test, vi } from 'vitest'
import { targetRow, upstreamRow } from '../balancing/pools.fixture.ts'
import { createSelfSigned } from '../certificates/self-signed.ts'
import { EntitySet } from '../entities/entity-set.ts'
import type { Certificate, Change } from '../entities/rows.ts'
import { apply, configurationOf, counted, deltaOf, Ledger } from './configuration.fixture.ts'
import { pluginRow, routeRow, serviceRow } from './rows.fixture.ts'

const client = { address: '10.0.0.1', port: 4000 }
const listener = { address: '10.0.0.2', port: 5555 }
const put = (entity: Change['entity'], row: unknown) => ({ op: 'put', entity, row }) as Change
const remove = (entity: Change['entity'], id: string) => ({ op: 'delete', entity, id }) as Change
/** Teardowns run in turns of their own. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

test('a snapshot is served, and a service that is disabled takes its routes out of matching', async () => {
  const configuration = await configurationOf()
  const rows = {
    ...EntitySet.empty().snapshot().rows,
    services: [serviceRow('s')],
    routes: [routeRow('r', 's')],
  }
  await configuration.load({ revision: 7, rows })
  const plain = () => configuration.candidates(client, listener).plain
  expect(configuration.revision).toBe(7)
  expect(plain()?.id).toBe('r')
  expect(configuration.serviceOf(routeRow('r', 's'))?.id).toBe('s')
  await apply(configuration, put('services', serviceRow('s', { enabled: false })))
  expect(plain()).toBeUndefined()
  await apply(configuration, put('services', serviceRow('s')))
  expect(plain()?.id).toBe('r')
  await apply(configuration, remove('routes', 'r'), remove('services', 's'))
  expect(plain()).toBeUndefined()
  expect(configuration.serviceOf(routeRow('r', 's'))).toBeUndefined()
})

test('a route that moves to another service takes that one’s plugins', async () => {
  const ledger = new Ledger()
  const configuration = await configurationOf(counted('p', ledger))
  const route = routeRow('r', 'one')
  const ids = (row = route) =>
    configuration.pipelineFor(row, 'tcp').instances.map(({ self }) => self.id)
  await apply(
    configuration,
    put('services', serviceRow('one')),
    put('services', serviceRow('two')),
    put('routes', route),
    put('plugins', pluginRow('p1', 'p', { service: { id: 'two' } })),
  )
  expect(ids()).toEqual([])
  const moved = routeRow('r', 'two')
  await apply(configuration, put('routes', moved))
  expect(ids(moved)).toEqual(['p1'])
  expect(ledger.setups).toBe(1)
})

test('an instance whose configuration is unchanged keeps its state; another configuration replaces it', async () => {
  const ledger = new Ledger()
  const configuration = await configurationOf(counted('p', ledger))
  const state = () => configuration.global.instances[0]?.self.state
  await apply(configuration, put('plugins', pluginRow('1', 'p', { config: { value: 1 } })))
  const first = state()
  await apply(
    configuration,
    put('plugins', pluginRow('1', 'p', { config: { value: 1 }, tags: ['x'] })),
  )
  expect(state()).toBe(first)
  await apply(configuration, put('plugins', pluginRow('1', 'p', { config: { value: 2 } })))
  expect(state()).not.toBe(first)
  await settled()
  expect(ledger).toMatchObject({ setups: 2, teardowns: 1 })
})

test('a change that is discarded, or whose setup fails, leaves everything as it was', async () => {
  const ledger = new Ledger()
  const configuration = await configurationOf(counted('p', ledger), counted('q', ledger))
  await apply(configuration, put('plugins', pluginRow('1', 'p')))
  const served = configuration.global
  configuration.discard(await configuration.prepare(deltaOf(put('plugins', pluginRow('2', 'q')))))
  const failing = configuration.prepare(
    deltaOf(
      put('plugins', pluginRow('3', 'p', { config: { fail: true } })),
      put('plugins', pluginRow('4', 'q')),
    ),
  )
  await expect(failing).rejects.toThrow('plugin p, setup: it was told to')
  await settled()
  expect(configuration.global).toBe(served)
  expect(ledger).toMatchObject({ setups: 3, teardowns: 2 })
})

test.each([
  [
    'a plugin that is not loaded',
    pluginRow('1', 'nowhere'),
    'plugin nowhere, setup: it is enabled in the configuration (1) but not loaded',
  ],
  [
    'a configuration that is not valid',
    pluginRow('1', 'p', { config: { valeu: 1 } }),
    'plugin p, setup: its configuration (1) is not valid',
  ],
])('%s vetoes the change', async (_what, row, message) => {
  const configuration = await configurationOf(counted('p', new Ledger()))
  await expect(configuration.prepare(deltaOf(put('plugins', row)))).rejects.toThrow(message)
})

test('a certificate whose secrets are elsewhere is there while they can be found', async () => {
  const { cert, key } = await createSelfSigned({ key: 'ec', commonName: 'a.example', days: 1 })
  vi.stubEnv('TEST_TLS', JSON.stringify({ cert, key }))
  const configuration = await configurationOf()
  const common = { created_at: 0, updated_at: 0, tags: null }
  const kept = { cert: '{vault://my-env/tls/cert}', key: '{vault://my-env/tls/key}' }
  const row = { ...common, id: 'c', ...kept, cert_alt: null, key_alt: null }
  const name = { ...common, id: 'n', name: 'a.example', certificate: { id: 'c' } }
  const vault = { ...common, id: 'v', prefix: 'my-env', name: 'env', description: null }
  await apply(configuration, put('certificates', row), put('snis', name))
  const usable = () => {
    configuration.tls.select('a.example').context({ clientCertificate: 'none', ca: [] })
  }
  expect(usable).toThrow('does not exist')
  expect(configuration.certificate('c')).toBeUndefined()
  await apply(configuration, put('vaults', { ...vault, config: { prefix: 'test_' } }))
  usable()
  expect(configuration.certificate('c')).toMatchObject({ cert, key })
  await apply(configuration, put('vaults', { ...vault, config: { prefix: 'other_' } }))
  expect(usable).toThrow('does not exist')
  await apply(configuration, remove('vaults', 'v'))
  expect(usable).toThrow('does not exist')
  vi.unstubAllEnvs()
})

test('certificates are checked before, and hot replaced for handshakes to come', async () => {
  const configuration = await configurationOf()
  const common = {
    id: 'c',
    created_at: 0,
    updated_at: 0,
    tags: null,
    cert_alt: null,
    key_alt: null,
  }
  const [one, two] = await Promise.all(
    [1, 2].map(() => createSelfSigned({ key: 'ec', commonName: 'a', days: 1 })),
  )
  const row = (pair: unknown) => ({ ...common, ...(pair as object) }) as Certificate
  const name = { ...common, id: 'n', name: '*.a.example', certificate: { id: 'c' } }
  await apply(configuration, put('certificates', row(one)), put('snis', name))
  const before = configuration.tls.select('w.a.example')
  await expect(
    configuration.prepare(deltaOf(put('certificates', row({ ...one, key: two?.key })))),
  ).rejects.toThrow(/key/)
  expect(configuration.tls.select('w.a.example')).toBe(before)
  await apply(configuration, put('certificates', row(two)))
  expect(configuration.tls.select('w.a.example')).not.toBe(before)
  expect(configuration.certificate('c')?.cert).toBe(two?.cert)
  await apply(configuration, remove('snis', 'n'), remove('certificates', 'c'))
  expect(configuration.tls.select('w.a.example')).toBe(configuration.tls.select(undefined))
  await apply(
    configuration,
    put('ca_certificates', { ...common, id: 'ca', cert: 'x', cert_digest: 'y' }),
  )
  expect(configuration.authority('ca')?.cert).toBe('x')
})

test('closing tears down every instance and does not wait for ever for connections', async () => {
  const ledger = new Ledger()
  const configuration = await configurationOf(counted('p', ledger))
  await apply(configuration, put('plugins', pluginRow('1', 'p')))
  const { global } = configuration
  global.enter()
  await configuration.close(5)
  expect(ledger.teardowns).toBe(0)
  global.leave()
  await settled()
  expect(ledger).toMatchObject({ setups: 1, teardowns: 1 })
})

test('a connection that still holds a route’s former row does not decide for those that come after it', async () => {
  const configuration = await configurationOf(counted('p', new Ledger()))
  const before = routeRow('r', 'one')
  const moved = routeRow('r', 'two')
  await apply(
    configuration,
    put('services', serviceRow('one')),
    put('services', serviceRow('two')),
    put('routes', before),
    put('plugins', pluginRow('p1', 'p', { service: { id: 'two' } })),
  )
  await apply(configuration, put('routes', moved))
  expect(configuration.pipelineFor(before, 'tcp').instances).toEqual([])
  expect(configuration.pipelineFor(moved, 'tcp').instances).toHaveLength(1)
})

test('a service whose host is the name of an upstream leads to its pool, until either changes', async () => {
  const configuration = await configurationOf()
  const at = (host: string) => configuration.poolOf(serviceRow('s', { host }))
  // The targets may come first.
  await apply(
    configuration,
    put('targets', targetRow('u', '10.0.0.1:80')),
    put('upstreams', upstreamRow('u')),
  )
  expect(at('u.test')?.selection.find('10.0.0.1:80')).toBeDefined()
  expect(at('10.0.0.1')).toBeUndefined()
  await apply(configuration, put('upstreams', upstreamRow('u', { name: 'v.test' })))
  expect(at('u.test')).toBeUndefined()
  const pool = at('v.test')
  await apply(configuration, remove('targets', '10.0.0.1:80'), remove('upstreams', 'u'))
  expect(at('v.test')).toBeUndefined()
  expect(pool?.selection.find('10.0.0.1:80')).toBeUndefined()
})
