import { expect, test } from 'vitest'
import { targetRow, upstreamRow } from '../../balancing/pools.fixture.ts'
import type { ClientTls, ConnectOptions, Outbound } from '../../transport/transport.ts'
import { TransportError } from '../../transport/transport.ts'
import { fakeOutbound } from '../connection.fixture.ts'
import { Preconnections, type Way } from './preconnections.ts'
import type { WarmPeer } from './warm-peers.ts'

function peerOf(ip: string, spare?: string): { -readonly [K in keyof WarmPeer]: WarmPeer[K] } {
  const target = targetRow('u', `${ip}:80`)
  return {
    key: `${ip}:80`,
    available: true,
    place: { ip, port: 80, host: ip, weight: 100, spare, target },
  }
}

/** A worker that keeps connections to these peers. */
function worldOf(peers: WarmPeer[]) {
  const events: string[] = []
  const warnings: string[] = []
  const options: ConnectOptions[] = []
  const pauses: { milliseconds: number; over: () => void; isOff: boolean }[] = []
  const pool = {
    upstream: upstreamRow('u', { preconnect: 2 }),
    peers,
    tried: (peer: WarmPeer, outcome: string) => void events.push(`${peer.key} ${outcome}`),
  }
  const world = {
    pool,
    events,
    warnings,
    options,
    pauses,
    way: { tls: undefined } as Way | undefined,
    failure: undefined as Error | undefined,
    taken: 0,
    speaks: false,
  }
  const connect = async ({ address }: { address: string }, asked: ConnectOptions) => {
    options.push(asked)
    if (world.failure && address.includes('.')) throw world.failure
    events.push(`open ${address}`)
    return outboundOf(address)
  }
  const outboundOf = (address: string): Outbound =>
    fakeOutbound([], {
      discard: () => void events.push(`discard ${address}`),
      peek: (_atLeast, { signal }) =>
        new Promise((resolve, reject) => {
          if (world.speaks) resolve({ bytes: Buffer.from('hello'), ended: false })
          const give = () => reject(new TransportError('cancelled', ''))
          if (signal?.aborted) give()
          signal?.addEventListener('abort', give)
        }),
    })
  const nothing = () => undefined
  const preconnections = new Preconnections({
    connect,
    counters: {
      take: (key, limit) => {
        if (world.taken >= limit) return false
        world.taken += 1
        events.push(`take ${key}`)
        return true
      },
      release: () => void (world.taken -= 1),
    },
    worker: { index: 0, of: 1 },
    keepAlive: 7,
    log: {
      debug: nothing,
      info: nothing,
      warn: (_fields, message) => void warnings.push(message),
      error: (_fields, message) => void warnings.push(message),
    },
    pools: () => [pool],
    wayTo: () => world.way,
    pause: (milliseconds, over) => {
      const pause = { milliseconds, over, isOff: false }
      pauses.push(pause)
      return () => void (pause.isOff = true)
    },
    turn: async () => undefined,
  })
  const opened = () => events.filter((event) => event.startsWith('open')).length
  const discarded = () => events.filter((event) => event.startsWith('discard')).length
  return { ...world, world, preconnections, opened, discarded }
}

const settle = () => new Promise(setImmediate)

test('it keeps as many as are asked for, and hands them out', async () => {
  const peer = peerOf('10.0.0.1')
  const { preconnections, opened, options, events, world } = worldOf([peer])
  expect(preconnections.take(peer, undefined)).toBeUndefined()
  preconnections.follow()
  await settle()
  expect(opened()).toBe(2)
  expect(options[0]).toMatchObject({ keepAlive: 7 })
  expect(events).toContain('take preconnect:10.0.0.1:80')
  expect(await preconnections.take(peer, undefined)).toBeDefined()
  await settle()
  expect([opened(), world.taken]).toEqual([3, 2])
})

test('who is spoken to in another way gets none of them', async () => {
  const peer = peerOf('10.0.0.1')
  const { preconnections, world } = worldOf([peer])
  const tls: ClientTls = { verify: true, serverName: 'a.example', ca: ['root'] }
  world.way = { tls }
  preconnections.follow()
  await settle()
  expect(preconnections.take(peer, undefined)).toBeUndefined()
  expect(preconnections.take(peer, { ...tls, serverName: 'b.example' })).toBeUndefined()
  expect(await preconnections.take(peer, { ...tls, ca: ['root'] })).toBeDefined()
})

test('what is no longer wanted is closed: of a peer that is gone, takes none, or is spoken to in another way', async () => {
  const [one, two] = [peerOf('10.0.0.1'), peerOf('10.0.0.2')]
  const { preconnections, pool, discarded, opened, world } = worldOf([one, two])
  world.taken = -100
  preconnections.follow()
  await settle()
  expect(opened()).toBe(4)
  one.available = false
  preconnections.follow()
  expect(discarded()).toBe(2)
  world.way = { tls: { verify: false } }
  preconnections.follow()
  await settle()
  expect([discarded(), opened()]).toEqual([4, 6])
  world.way = undefined
  preconnections.follow()
  expect(discarded()).toBe(6)
  expect(pool.peers).toHaveLength(2)
})

test('it looks again every now and then while something is asked for, and not once it is closed', async () => {
  const { preconnections, pool, pauses, opened, discarded } = worldOf([peerOf('10.0.0.1')])
  preconnections.follow()
  const look = pauses.find(({ milliseconds }) => milliseconds === 500)
  expect(look?.isOff).toBe(false)
  await settle()
  preconnections.close()
  expect(discarded()).toBe(2)
  expect(pauses.every(({ isOff }) => isOff)).toBe(true)
  look?.over()
  await settle()
  expect(opened()).toBe(2)
  const idle = worldOf([peerOf('10.0.0.1')])
  idle.pool.upstream = upstreamRow('u')
  idle.preconnections.follow()
  expect(idle.pauses).toEqual([])
  expect(pool.upstream.preconnect).toBe(2)
})

test('a connect that fails counts for the health of the peer; a fault of ours is told', async () => {
  const { preconnections, events, world, warnings } = worldOf([peerOf('10.0.0.1')])
  world.failure = new TransportError('timeout', 'silent')
  preconnections.follow()
  await settle()
  expect(events).toContain('10.0.0.1:80 timeout')
  expect(warnings).toEqual([])
  const broken = worldOf([peerOf('10.0.0.1')])
  broken.world.failure = new Error('a bug')
  broken.preconnections.follow()
  await settle()
  expect(broken.warnings).toContain('the gateway failed to preconnect')
})

test('a peer that speaks first is told of, once', async () => {
  const { preconnections, warnings, world } = worldOf([peerOf('10.0.0.1')])
  world.speaks = true
  preconnections.follow()
  await settle()
  preconnections.follow()
  await settle()
  expect(warnings).toEqual(['preconnect pauses: the target speaks before its client'])
})

test('the other family is tried where the first does not answer', async () => {
  const { preconnections, events, world, pauses } = worldOf([peerOf('10.0.0.1', '::1')])
  world.failure = new TransportError('refused', 'no')
  preconnections.follow()
  await settle()
  expect(pauses.some(({ milliseconds }) => milliseconds === 250)).toBe(true)
  expect(events).toContain('open ::1')
})
