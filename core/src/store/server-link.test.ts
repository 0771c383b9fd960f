import { describe, expect, onTestFinished, test } from 'vitest'
import { ask, crowd, makeDatabase, noPostgres, startPostgres } from './postgres.fixture.ts'
import { bootstrap, makePrefix, openNode } from './postgres-store.fixture.ts'
import { isAway } from './server-link.ts'
import { delta, put, service } from './store-rows.ts'
import { StoreError, type Shared, type Store } from './store.ts'

function makeFolders(): () => string {
  const place = makePrefix()
  onTestFinished(() => place.remove())
  let folders = 0
  return () => `${place.prefix}/${++folders}`
}

function sharedOf({ shared }: Store): Shared {
  if (!shared) throw new Error('the store is not shared')
  return shared
}

async function failureOf(attempt: Promise<unknown>): Promise<StoreError> {
  const error = await attempt.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(StoreError)
  return error as StoreError
}

test('away is what cannot be reached, not what is wrong with it', () => {
  const reasons = ['unavailable', 'unknown', 'conflict', 'corrupt'] as const
  const away = reasons.filter((reason) => isAway(new StoreError(reason, 'why')))
  expect(away).toEqual(['unavailable', 'unknown'])
})

describe.skipIf(noPostgres)('the server away', () => {
  test('what was served last is there for a start; the server is looked for, and seen again', async () => {
    const postgres = await startPostgres()
    const makeSubfolder = makeFolders()
    const server = { ...(await makeDatabase(postgres)), timeout: 500 }
    await bootstrap(server)
    const prefix = makeSubfolder()
    const before = await openNode(server, prefix)
    await before.commit(delta(0, put('services', service('s1'))))
    const snapshot = await before.load()
    await sharedOf(before).keep(() => snapshot)
    await before.close()
    await postgres.stop('fast')

    await expect(openNode(server, makeSubfolder())).rejects.toThrow('ECONNREFUSED')
    const store = await openNode(server, prefix)
    onTestFinished(() => store.close())
    expect(await store.load()).toEqual(snapshot)
    const seen: unknown[] = []
    const shared = sharedOf(store)
    shared.watch({
      changed: (...news) => void seen.push(news),
      health: ({ reachable }) => void seen.push(reachable),
    })
    const failure = await failureOf(store.commit(delta(1, put('services', service('s2')))))
    expect(failure.reason).toBe('unavailable')
    expect(shared.health).toMatchObject({ reachable: false, error: expect.any(String) })
    await postgres.start()
    await expect.poll(() => shared.health).toEqual({ reachable: true })
    expect(seen).toEqual([[1, 'seen'], true])
    await store.commit(delta(1, put('services', service('s2'))))

    const leaving = await openNode(server, makeSubfolder())
    postgres.pause()
    const paused = await failureOf(store.commit(delta(2, put('services', service('s3')))))
    expect(paused.reason).toBe('unavailable')
    const fast = await failureOf(store.commit(delta(2, put('services', service('s3')))))
    expect(fast.reason).toBe('unavailable')
    // It does not take its leave either, and is not waited for.
    await leaving.close()
    postgres.resume()
    await expect.poll(() => shared.health).toEqual({ reachable: true })
    await store.commit(delta(2, put('services', service('s3'))))

    // A migration of a newer version while this node was cut off.
    await ask(
      postgres.port,
      server.database,
      "insert into migrations values ('9999-x.sql', 'x', 1)",
    )
    await postgres.stop('immediate')
    await postgres.start()
    await expect.poll(() => shared.health.error).toContain('9999-x.sql of a newer version')
    const newer = await failureOf(store.commit(delta(3, put('services', service('s4')))))
    expect(newer.message).toContain('9999-x.sql of a newer version')
  }, 60_000)

  test('out of connections is refused, and is over by itself', async () => {
    const postgres = await startPostgres([
      'max_connections = 6',
      'superuser_reserved_connections = 1',
    ])
    const makeSubfolder = makeFolders()
    const root = await makeDatabase(postgres)
    await ask(postgres.port, root.database, 'create role guest login')
    await ask(postgres.port, root.database, `alter database ${root.database} owner to guest`)
    const server = { ...root, user: 'guest', connections: 1 }
    await ask(postgres.port, root.database, 'alter schema public owner to guest')
    await bootstrap(server)
    const leave = await crowd(postgres.port)
    const failure = await failureOf(openNode(server, makeSubfolder()))
    expect(failure.message).toMatch(/too many clients|remaining connection slots/)
    await leave()
    const store = await openNode(server, makeSubfolder())
    onTestFinished(() => store.close())
    await store.commit(delta(0, put('services', service('s1'))))
  }, 30_000)
})
