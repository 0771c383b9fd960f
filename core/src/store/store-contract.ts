import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EntitySet } from '../entities/entity-set.ts'
import type { Change, Snapshot } from '../entities/rows.ts'
import {
  bareService,
  caCertificate,
  certificate,
  consumer,
  delta,
  key,
  keySet,
  plugin,
  put,
  remove,
  route,
  service,
  sni,
  target,
  upstream,
  vault,
} from './store-rows.ts'
import type { Store } from './store.ts'

/** Where the tests keep one store: opening it again shows what was stored before. */
export interface StorePlace {
  open(): Promise<Store>
  remove(): Promise<void>
}

/** What every store must do. */
export function describeStore(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`${name}: the contract of a store`, () => {
    let place: StorePlace
    let store: Store

    beforeEach(async () => {
      place = await makePlace()
      store = await place.open()
    })
    afterEach(async () => {
      await store.close()
      await place.remove()
    })

    async function reopen(): Promise<Snapshot> {
      await store.close()
      store = await place.open()
      return store.load()
    }

    test('a new store is empty at revision 0', async () => {
      expect(await store.load()).toEqual({ revision: 0, rows: empty })
    })

    test('every entity comes back as it was put, also after reopening', async () => {
      const rows = {
        certificates: [certificate('c1')],
        ca_certificates: [caCertificate('a1')],
        services: [{ ...service('s1'), client_certificate: { id: 'c1' } }, bareService('s2')],
        routes: [
          route('r1', 's1'),
          { ...route('r2', null), name: null, sources: null, tags: ['a', 'ü\u0000"'] },
        ],
        snis: [sni('n1', 'c1')],
        plugins: [
          plugin('p1', 's1', null),
          plugin('p2', null, 'r1'),
          { ...plugin('p3', null, null), consumer: { id: 'o1' } },
        ],
        upstreams: [{ ...upstream('u1'), client_certificate: { id: 'c1' } }, upstream('u2')],
        targets: [target('t1', 'u1'), target('t2', 'u2')],
        consumers: [consumer('o1'), { ...consumer('o2'), username: null, custom_id: 'own' }],
        keys: [key('k1', 'e1'), key('k2', null)],
        key_sets: [keySet('e1')],
        vaults: [vault('v1')],
      }
      // The references come before what they refer to: the order within a delta does not matter.
      const changes: Change[] = [
        ...rows.targets.map((row) => put('targets', row)),
        ...rows.upstreams.map((row) => put('upstreams', row)),
        ...rows.keys.map((row) => put('keys', row)),
        ...rows.key_sets.map((row) => put('key_sets', row)),
        ...rows.vaults.map((row) => put('vaults', row)),
        ...rows.plugins.map((row) => put('plugins', row)),
        ...rows.snis.map((row) => put('snis', row)),
        ...rows.routes.map((row) => put('routes', row)),
        ...rows.services.map((row) => put('services', row)),
        ...rows.ca_certificates.map((row) => put('ca_certificates', row)),
        ...rows.certificates.map((row) => put('certificates', row)),
        ...rows.consumers.map((row) => put('consumers', row)),
      ]
      await store.commit(delta(0, ...changes))
      const expected = { revision: 1, rows }
      expect(await store.load()).toEqual(expected)
      expect(await reopen()).toEqual(expected)
    })

    test('a key named __proto__ in a plugin config stays a field', async () => {
      const config: Record<string, unknown> = JSON.parse('{"__proto__": {"polluted": true}}')
      await store.commit(delta(0, put('plugins', { ...plugin('p1', null, null), config })))
      const [row] = (await store.load()).rows.plugins
      expect(JSON.stringify(row?.config)).toBe('{"__proto__":{"polluted":true}}')
      expect(row && 'polluted' in row.config).toBe(false)
    })

    test('rows come in ascending order of their ids, whatever the order they were put in', async () => {
      const ids = ['b', 'a-', 'a1', 'B', 'a']
      await store.commit(delta(0, ...ids.map((id) => put('routes', route(id, null)))))
      await store.commit(delta(1, put('routes', { ...route('a', null), name: 'renamed' })))
      const { rows } = await store.load()
      expect(rows.routes.map(({ id }) => id)).toEqual(['B', 'a', 'a-', 'a1', 'b'])
    })

    test('a put replaces the row, a delete removes it', async () => {
      await store.commit(delta(0, put('services', service('s1')), put('services', service('s2'))))
      const changed = { ...service('s1'), host: 'elsewhere', updated_at: 9 }
      await store.commit(delta(1, put('services', changed), remove('services', 's2')))
      expect((await store.load()).rows.services).toEqual([changed])
    })

    test('deleting what is not there changes nothing but the revision', async () => {
      await store.commit(delta(0, remove('services', 'nobody')))
      expect(await store.load()).toEqual({ revision: 1, rows: empty })
    })

    test('the last of several changes of one row holds', async () => {
      await store.commit(
        delta(
          0,
          put('services', service('s1')),
          put('services', { ...service('s1'), port: 2 }),
          put('services', service('s2')),
          remove('services', 's2'),
        ),
      )
      expect((await store.load()).rows.services).toEqual([{ ...service('s1'), port: 2 }])
    })

    test('one delta may move a reference and delete what it referred to, and swap names', async () => {
      await store.commit(
        delta(
          0,
          put('services', service('s1')),
          put('routes', route('r1', 's1')),
          put('routes', route('r2', 's1')),
        ),
      )
      const first = { ...route('r1', 's3'), name: 'name-r2' }
      const second = { ...route('r2', 's3'), name: 'name-r1' }
      const successor = { ...service('s3'), name: 'name-s1' }
      await store.commit(
        delta(
          1,
          remove('services', 's1'),
          put('routes', first),
          put('routes', second),
          put('services', successor),
        ),
      )
      const { rows } = await store.load()
      expect(rows.routes).toEqual([first, second])
      expect(rows.services).toEqual([successor])
    })

    test('a delta on another revision is a conflict and changes nothing', async () => {
      await store.commit(delta(0, put('services', service('s1'))))
      const before = await store.load()
      for (const base of [0, 2]) {
        const late = store.commit(delta(base, remove('services', 's1')))
        await expect(late).rejects.toMatchObject({ name: 'StoreError', reason: 'conflict' })
      }
      expect(await store.load()).toEqual(before)
      await store.commit(delta(1, remove('services', 's1')))
      expect((await store.load()).revision).toBe(2)
    })

    test('of two commits on one base at the same time exactly one succeeds', async () => {
      const outcomes = await Promise.allSettled([
        store.commit(delta(0, put('services', service('s1')))),
        store.commit(delta(0, put('services', service('s2')))),
      ])
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const { revision, rows } = await store.load()
      expect([revision, rows.services.length]).toEqual([1, 1])
    })

    test('a delta whose last change fails leaves nothing', async () => {
      await store.commit(delta(0, put('services', service('s1'))))
      const before = await store.load()
      const broken = [
        delta(1, put('routes', route('r1', 's1')), put('snis', sni('n1', 'no-such-certificate'))),
        delta(1, put('routes', route('r1', 's1')), put('plugins', plugin('p1', null, 'nowhere'))),
        delta(1, put('services', { ...service('s2'), name: 'name-s1' })),
        delta(1, remove('services', 's1'), put('routes', route('r1', 's1'))),
      ]
      for (const each of broken) await expect(store.commit(each)).rejects.toThrow(/constraint/i)
      expect(await store.load()).toEqual(before)
      expect(await reopen()).toEqual(before)
      await store.commit(delta(1, put('routes', route('r1', 's1'))))
    })

    test('10,000 routes are put in one delta and loaded whole', async () => {
      const routes = Array.from({ length: 10_000 }, (_, i) =>
        route(`r${String(i).padStart(5, '0')}`, 's1'),
      )
      await store.commit(
        delta(0, put('services', service('s1')), ...routes.map((row) => put('routes', row))),
      )
      expect((await store.load()).rows.routes).toEqual(routes)
    })

    test('closing twice is harmless; a closed store is unavailable', async () => {
      await store.close()
      await store.close()
      await expect(store.load()).rejects.toMatchObject({ reason: 'unavailable' })
      store = await place.open()
    })
  })
}

const empty = EntitySet.empty().snapshot().rows
