import { expect, test } from 'vitest'
import { targetRow, upstreamRow } from '../../balancing/pools.fixture.ts'
import type { Upstream } from '../../entities/rows.ts'
import { TransportError } from '../../transport/transport.ts'
import { outcomeOf, wantedOf, type WarmPeer } from './warm-peers.ts'

const target = targetRow('u', 'a.example:80')
const other = targetRow('u', 'b.example:80')

function peerOf(key: string, more: Partial<WarmPeer['place']> = {}, available = true): WarmPeer {
  const place = { ip: key, port: 80, host: 'a.example', weight: 100, spare: undefined, target }
  return { key, available, place: { ...place, ...more } }
}

function sharesOf(peers: readonly WarmPeer[], upstream: Partial<Upstream>, index = 0, of = 1) {
  const pool = { upstream: upstreamRow('u', upstream), peers, tried: () => undefined }
  return wantedOf(pool, { index, of }).map(({ peer, share, whole }) => [peer.key, share, whole])
}

test('the addresses of a target share what it asks for, each target for itself', () => {
  const peers = [peerOf('2'), peerOf('1'), peerOf('3', { target: other })]
  expect(sharesOf(peers, { preconnect: 3 })).toEqual([
    ['1', 2, 3],
    ['2', 1, 3],
    ['3', 3, 3],
  ])
  expect(sharesOf(peers, { preconnect: 3 }, 1, 2)).toEqual([
    ['1', 0, 3],
    ['2', 1, 3],
    ['3', 1, 3],
  ])
})

test('nothing is kept to who takes no new connections', () => {
  const peers = [peerOf('1', { weight: 0 }), peerOf('2', {}, false), peerOf('3')]
  expect(sharesOf(peers, { preconnect: 2 })).toEqual([['3', 2, 2]])
})

test('nothing is kept where nothing is asked for', () => {
  expect(sharesOf([peerOf('1')], {})).toEqual([])
  expect(sharesOf([peerOf('1')], { preconnect: 0 })).toEqual([])
})

test.each([
  ['refused', 'tcp_failure'],
  ['unreachable', 'tcp_failure'],
  ['timeout', 'timeout'],
  ['handshake', 'tls_failure'],
  ['unverified', 'tls_failure'],
  ['reset', 'reset'],
] as const)('a connect that is %s counts as %s', (failure, outcome) => {
  expect(outcomeOf(new TransportError(failure, ''))).toBe(outcome)
})

test('a connect that works is a success; what nobody foresaw is a failure', () => {
  expect([outcomeOf(undefined), outcomeOf(new Error('a bug'))]).toEqual(['success', 'tcp_failure'])
})
