import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { ask, makeDatabase, noPostgres } from './postgres.fixture.ts'
import type { PostgresOptions } from './postgres-options.ts'
import { bootstrap, makePrefix, openNode } from './postgres-store.fixture.ts'
import { describeNumbers } from './numbers-contract.ts'
import { describeStore } from './store-contract.ts'
import { delta, put, remove, route, service } from './store-rows.ts'
import { StoreError, type Shared, type Store } from './store.ts'

const makePlace = async () => {
  const server = await makeDatabase()
  await bootstrap(server)
  const place = makePrefix()
  return {
    open: () => openNode(server, place.prefix),
    remove: async () => place.remove(),
  }
}
if (!noPostgres) {
  describeStore('postgres', makePlace)
  describeNumbers('postgres', makePlace)
}

let server: PostgresOptions
let place: ReturnType<typeof makePrefix>
const opened: Store[] = []

async function node(...[more, at]: [Parameters<typeof openNode>[2]?, PostgresOptions?]) {
  const store = await openNode(at ?? server, makeSubfolder(), more)
  opened.push(store)
  return store
}

let folders = 0
const makeSubfolder = () => `${place.prefix}/${++folders}`

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

/** Between a node and the server: breaks once, before or after it passes on the first message with a word. */
async function relayTo(port: number, when: 'before' | 'after', word: string): Promise<number> {
  let armed = true
  const sockets = new Set<Socket>()
  const relay = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    for (const each of [client, upstream]) sockets.add(each.on('error', () => undefined))
    client.on('data', (bytes) => {
      const broken = armed && bytes.toString('latin1').includes(word)
      if (!broken || when === 'after') upstream.write(bytes)
      if (!broken) return
      armed = false
      client.destroy()
    })
    upstream.on('data', (bytes) => void client.write(bytes))
    client.on('close', () => upstream.end())
    upstream.on('close', () => client.destroy())
  })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    relay.close()
  })
  return (relay.address() as AddressInfo).port
}

describe.skipIf(noPostgres)('a store that nodes share', () => {
  beforeEach(async () => {
    place = makePrefix()
    server = await makeDatabase()
    await bootstrap(server)
  })
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
    place.remove()
  })

  test('what one commits the other is told of, and can follow without a gap', async () => {
    const [a, b] = [await node(), await node()]
    const told: unknown[] = []
    sharedOf(b).watch({ changed: (...news) => void told.push(news), health: () => undefined })
    await expect.poll(() => told).toEqual([[0, 'seen']])
    const first = delta(0, put('services', service('s1')))
    const second = delta(1, put('routes', route('r1', 's1')), remove('plugins', 'none'))
    await a.commit(first)
    await a.commit(second)
    await expect
      .poll(() => told)
      .toEqual([
        [0, 'seen'],
        [1, 'told'],
        [2, 'told'],
      ])
    expect(await sharedOf(b).since(0)).toEqual([first, second])
    expect(await sharedOf(b).since(1)).toEqual([second])
    expect(await sharedOf(b).since(2)).toEqual([])
  })

  test('a listening connection that is lost is made anew, and sees what it was not told of', async () => {
    const [a, b] = [await node(), await node()]
    const seen: unknown[] = []
    sharedOf(b).watch({ changed: (...news) => void seen.push(news), health: () => undefined })
    await expect.poll(() => seen).toEqual([[0, 'seen']])
    const listening = `datname = '${server.database}' and query like 'select number from revision%'`
    const ended = await ask(
      server.port,
      'postgres',
      `select pg_terminate_backend(pid) from pg_stat_activity where ${listening}`,
    )
    expect(ended).toHaveLength(1)
    await a.commit(delta(0, put('services', service('s1'))))
    // Told, where the new connection listens already; seen, where it was made afterwards.
    const either: unknown = expect.stringMatching(/^(?:told|seen)$/)
    await expect.poll(() => seen.at(-1)).toEqual([1, either])
    await a.commit(delta(1, put('services', service('s2'))))
    await expect.poll(() => seen.at(-1)).toEqual([2, 'told'])
  })

  test('gateways in other schemas of the database are not listened to', async () => {
    const other = { ...server, schema: 'Other Gateway' }
    await bootstrap(other)
    const [a, b] = [await node(), await node({}, other)]
    const told: unknown[] = []
    sharedOf(b).watch({ changed: (...news) => void told.push(news), health: () => undefined })
    await expect.poll(() => told).toEqual([[0, 'seen']])
    await a.commit(delta(0, put('services', service('s1'))))
    await b.commit(delta(0, put('services', service('s2'))))
    await expect
      .poll(() => told)
      .toEqual([
        [0, 'seen'],
        [1, 'told'],
      ])
    expect((await b.load()).rows.services.map(({ id }) => id)).toEqual(['s2'])
  })

  test('only so many revisions are remembered; who needs an older one is told to load', async () => {
    const store = await node({ limits: { count: 3, age: 86_400_000 } })
    for (let base = 0; base < 5; base++) await store.commit(delta(base, remove('services', 'x')))
    expect((await sharedOf(store).since(2))?.map(({ revision }) => revision)).toEqual([3, 4, 5])
    expect(await sharedOf(store).since(1)).toBeUndefined()
    const rows = await ask(server.port, server.database, 'select number from revisions order by 1')
    expect(rows).toEqual([{ number: '3' }, { number: '4' }, { number: '5' }])
    const short = await node({ limits: { count: 100, age: -1 } })
    await short.commit(delta(5, remove('services', 'x')))
    expect(await sharedOf(store).since(5)).toHaveLength(1)
    expect(await sharedOf(store).since(4)).toBeUndefined()
  })

  test('a database that was put back to an older state is noticed, whatever its number', async () => {
    const [store, other] = [await node(), await node()]
    await store.commit(delta(0, put('services', service('s1'))))
    await store.commit(delta(1, put('services', service('s2'))))
    for (const text of [
      'delete from services',
      'delete from revisions',
      'update revision set number = 0',
    ]) {
      await ask(server.port, server.database, text)
    }
    expect(await sharedOf(store).since(2)).toBeUndefined()
    for (let base = 0; base < 3; base++) await other.commit(delta(base, remove('services', 'x')))
    expect(await sharedOf(store).since(2)).toBeUndefined()
    expect(await sharedOf(other).since(2)).toHaveLength(1)
  })

  test('revisions hold who has changed what when, and what would take it back', async () => {
    const store = await node()
    const undo = [remove('services', 's1')]
    await store.commit(delta(0, put('services', service('s1'))), { author: 'me', undo })
    const [row] = await ask(server.port, server.database, 'select * from revisions')
    expect(row).toMatchObject({ number: '1', author: 'me', undo: JSON.stringify(undo) })
    expect(Math.abs(Number(row?.['created_at']) - Date.now())).toBeLessThan(60_000)
    expect(JSON.parse(String(row?.['changes']))).toEqual([put('services', service('s1'))])
  })

  test('a commit whose answer is lost is looked up: done is done', async () => {
    const port = await relayTo(server.port, 'after', 'commit')
    const store = await node({}, { ...server, port })
    await store.commit(delta(0, put('services', service('s1'))))
    expect((await store.load()).revision).toBe(1)
  })

  test.each([
    ['before', 'commit', 'the change was not stored'],
    ['after', 'pg_notify', 'terminated'],
  ] as const)('a connection that breaks %s %s has changed nothing', async (when, word, why) => {
    const port = await relayTo(server.port, when, word)
    const store = await node({}, { ...server, port })
    const failure = await failureOf(store.commit(delta(0, put('services', service('s1')))))
    expect(failure).toMatchObject({ reason: 'unavailable', message: expect.stringContaining(why) })
    expect((await store.load()).revision).toBe(0)
    await store.commit(delta(0, put('services', service('s1'))))
  })

  test('a server of an older or newer schema, or without one, is refused', async () => {
    const empty = await makeDatabase()
    expect((await failureOf(node({}, empty))).message).toMatch(
      /^Database needs bootstrapping .* 'kong-ts migrations bootstrap'$/,
    )
    await ask(server.port, server.database, "insert into migrations values ('9999-x.sql', 'x', 1)")
    expect((await failureOf(node())).message).toContain('9999-x.sql of a newer version')
    await ask(server.port, server.database, 'delete from migrations where name > $$0002$$')
    expect((await failureOf(node())).message).toMatch(
      /^New migrations available; run 'kong-ts migrations up' to proceed .*0003-revisions/,
    )
  })

  test('a row that was edited into nonsense is named', async () => {
    const store = await node()
    await store.commit(delta(0, put('services', service('s1'))))
    await ask(server.port, server.database, "update services set body = '{'")
    const failure = await failureOf(store.load())
    expect(failure).toMatchObject({
      reason: 'corrupt',
      message: expect.stringContaining('services s1'),
    })
  })

  test('a read-only copy is loaded from; when it is away, the server is', async () => {
    const copy = await makeDatabase()
    await bootstrap(copy)
    const behind = await node({}, copy)
    await behind.commit(delta(0, put('services', service('old'))))
    const store = await node({ readOnly: copy })
    await store.commit(delta(0, put('services', service('old'))))
    await store.commit(delta(1, put('services', service('new'))))
    expect((await store.load()).revision).toBe(1)
    expect((await sharedOf(store).reload()).revision).toBe(2)
    const alone = await node({ readOnly: { ...copy, port: 1 } })
    expect((await alone.load()).revision).toBe(2)
  })

  test.each([
    [{ password: 'wrong', user: 'nobody' }, 'role "nobody" does not exist'],
    [{ database: 'nowhere' }, 'database "nowhere" does not exist'],
    [{ port: 1 }, 'ECONNREFUSED'],
    [{ tls: { authorities: undefined } }, 'does not support SSL'],
  ])('%o is refused in one line', async (wrong, why) => {
    const failure = await failureOf(node({}, { ...server, ...wrong }))
    expect(failure.reason).toBe('unavailable')
    expect(failure.message).toContain(why)
    expect(failure.message).not.toContain('wrong')
  })
})
