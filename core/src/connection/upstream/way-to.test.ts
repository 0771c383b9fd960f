import { expect, test } from 'vitest'
import { poolsOf, targetRow, upstreamRow } from '../../balancing/pools.fixture.ts'
import type { Service, Upstream } from '../../entities/rows.ts'
import { apply } from '../../gateway/configuration.fixture.ts'
import { serviceRow } from '../../gateway/rows.fixture.ts'
import { hostOf } from '../connection.fixture.ts'
import { calledName, wayTo } from './way-to.ts'

/** How is spoken to 10.0.0.1, which is called a.example, for these services of the upstream. */
async function wayOf(
  services: readonly Partial<Service>[],
  upstream: Partial<Upstream> = {},
  isOwn = false,
) {
  const { pools, names } = poolsOf()
  names.set('a.example', { addresses: [{ ip: '10.0.0.1' }] })
  const host = { ...(await hostOf([], { pools })), isOwn: () => isOwn }
  await apply(
    host.configuration,
    { op: 'put', entity: 'upstreams', row: upstreamRow('u', upstream) },
    { op: 'put', entity: 'targets', row: targetRow('u', 'a.example:80') },
    ...services.map((service, index) => {
      const row = { ...serviceRow(`${index}`, { host: 'u.test', ...service }), created_at: index }
      return { op: 'put', entity: 'services', row } as const
    }),
  )
  const [pool] = pools.all()
  const [peer] = pool?.peers ?? []
  if (!pool || !peer) throw new Error('there is a peer')
  return wayTo(host, pool, peer)
}

test('as the oldest service of the upstream does', async () => {
  expect(await wayOf([{}, { protocol: 'tls' }])).toEqual({ tls: undefined })
  expect(await wayOf([{ protocol: 'tls', tls_verify: true }, {}])).toEqual({
    tls: { serverName: 'a.example', verify: true },
  })
})

test('a name of the upstream’s own goes before the target’s', async () => {
  expect(await wayOf([{ protocol: 'tls' }], { host_header: 'name.example:443' })).toMatchObject({
    tls: { serverName: 'name.example' },
  })
  expect(calledName(upstreamRow('u'), 'a.example')).toBe('a.example')
})

test('not where it cannot be known before the client, or leads back to this node', async () => {
  expect(await wayOf([])).toBeUndefined()
  expect(await wayOf([{ enabled: false }, { host: 'another.test' }])).toBeUndefined()
  expect(await wayOf([{ proxy_protocol: 'v1' }])).toBeUndefined()
  expect(await wayOf([{}], { proxy_protocol: 'v1' })).toBeUndefined()
  expect(await wayOf([{}], {}, true)).toBeUndefined()
})

test('a service that sends a header leaves the connections to the next one', async () => {
  expect(await wayOf([{ proxy_protocol: 'v1' }, {}])).toEqual({ tls: undefined })
})
