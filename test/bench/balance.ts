import { writeFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { pickerOf } from '../../core/src/balancing/algorithms.ts'
import { hashText } from '../../core/src/balancing/hash.ts'
import { Peer } from '../../core/src/balancing/peer.ts'
import type { Ask, Picker } from '../../core/src/balancing/picker.ts'
import { chanceOf } from '../../core/src/balancing/pools.fixture.ts'
import { describeMachine } from './machine.ts'

/** `npm run bench:balance`: how evenly targets are picked, and what a pick costs; writes RESULTS-BALANCE.md. */
const algorithms = [
  'round-robin',
  'least-connections',
  'consistent-hashing',
  'latency',
  'random-two-choices',
]
const picks = 100_000
const sizes = [10, 1_000, 10_000]
/** Clients whose addresses are hashed: a power of two. */
const clients = 65_536

function peersOf(weights: readonly number[]): readonly Peer[] {
  return weights.map((weight, index) => {
    const ip = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`
    return new Peer({ ip, port: 80, weight, host: ip, spare: undefined, target: undefined })
  })
}

function pickerFor(algorithm: string, peers: readonly Peer[]): Picker {
  const picker = pickerOf({ algorithm, slots: 10_000 }, { now: Date.now, random: chanceOf(7) })
  picker.use({ all: peers, available: peers })
  return picker
}

const keys = Array.from({ length: clients }, (_, client) => hashText(`client ${client}`))
const nobody: ReadonlySet<Peer> = new Set()

/** What the connections of many clients ask for, one after the other. */
function clientsAsk(): Ask & { client: number } {
  const ask = { client: 0, tried: nobody, key: () => keys[ask.client++ & (clients - 1)] }
  return ask
}

function pickFrom(picker: Picker, ask: Ask): Peer {
  const peer = picker.pick(ask)
  if (!peer) throw new Error('nobody was picked')
  return peer
}

function move(picker: Picker, peer: Peer, by: 1 | -1): void {
  peer.own += by
  picker.moved?.(peer)
}

/** The worst deviation from a target's share of the picks; so many connections live at once, and end in any order. */
function worstDeviation(algorithm: string, weights: readonly number[], live: number): number {
  const peers = peersOf(weights)
  const picker = pickerFor(algorithm, peers)
  const random = chanceOf(11)
  const counts = new Map<Peer, number>()
  const open: Peer[] = []
  const ask = clientsAsk()
  for (let pick = 0; pick < picks; pick++) {
    const peer = pickFrom(picker, ask)
    peer.measure(1, Date.now())
    counts.set(peer, (counts.get(peer) ?? 0) + 1)
    move(picker, peer, 1)
    open.push(peer)
    if (open.length <= live) continue
    const ending = Math.floor(random() * open.length)
    const [ended] = open.splice(ending, 1)
    if (ended) move(picker, ended, -1)
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return Math.max(
    ...peers.map((peer) => {
      const share = (picks * peer.weight) / total
      return Math.abs((counts.get(peer) ?? 0) - share) / share
    }),
  )
}

/** Nanoseconds for a pick with the begin and the end of its connection, best of five passes. */
function nanoseconds(algorithm: string, size: number): number {
  const peers = peersOf(weightsOf(size))
  const picker = pickerFor(algorithm, peers)
  const ask = clientsAsk()
  for (const peer of peers) peer.measure(1, Date.now())
  const passes = Array.from({ length: 6 }, () => {
    const begun = performance.now()
    for (let pick = 0; pick < picks; pick++) {
      const peer = pickFrom(picker, ask)
      move(picker, peer, 1)
      move(picker, peer, -1)
    }
    return ((performance.now() - begun) * 1e6) / picks
  })
  return Math.round(Math.min(...passes.slice(1)))
}

/** Milliseconds until the first pick after one of so many targets has gone, median of five. */
function rebuild(algorithm: string, size: number): number {
  const peers = peersOf(weightsOf(size))
  const picker = pickerFor(algorithm, peers)
  const ask = clientsAsk()
  const times = Array.from({ length: 5 }, (_, index) => {
    const all = peers.filter((_each, at) => at !== index)
    const begun = performance.now()
    picker.use({ all, available: all })
    pickFrom(picker, ask)
    return performance.now() - begun
  })
  return times.toSorted((a, b) => a - b)[2] ?? 0
}

/** The share of the clients that another target has, once one of so many has gone. */
function moved(size: number): number {
  const peers = peersOf(Array<number>(size).fill(100))
  const picker = pickerFor('consistent-hashing', peers)
  const owners = (): readonly Peer[] => {
    return keys.map((key) => pickFrom(picker, { tried: nobody, key: () => key }))
  }
  const before = owners()
  const all = peers.slice(1)
  picker.use({ all, available: all })
  return owners().filter((owner, index) => owner !== before[index]).length / clients
}

function weightsOf(size: number): readonly number[] {
  return Array.from({ length: size }, (_, index) => [100, 50, 200, 100, 150][index % 5] ?? 100)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, index) => (index === 0 ? '---' : '--:')), ...rows]
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

const even = Array<number>(10).fill(100)
const uneven = [10, 20, 50, 100, 100, 100, 200, 300, 400, 500]

const deviations = algorithms.map((name) => [
  name,
  percent(worstDeviation(name, even, 0)),
  percent(worstDeviation(name, uneven, 0)),
  percent(worstDeviation(name, even, 1000)),
  percent(worstDeviation(name, uneven, 1000)),
])
const costs = algorithms.map((name) => [
  name,
  ...sizes.map((size) => `${nanoseconds(name, size)}`),
  rebuild(name, 10_000).toFixed(1),
])
const moves = [3, 10, 100, 1_000].map((size) => [
  String(size),
  percent(1 / size),
  percent(moved(size)),
])

const page = `# Results of balancing

Written by \`npm run bench:balance\`; not by hand.

${describeMachine()
  .map((fact) => `- ${fact}`)
  .join('\n')}

## Picks against weights

The worst deviation of a target's share of 100,000 picks from its weight, among ten targets: with equal weights (100), and with 10, 20, 50, 100, 100, 100, 200, 300, 400 and 500; where each connection ends before the next one begins, and where 1,000 live at once and end in any order. Hashing is on 65,536 clients (\`slots\` 10,000); all connects take the same time.

${table(['', 'equal, short', 'uneven, short', 'equal, 1,000 live', 'uneven, 1,000 live'], deviations)}

## What a pick costs

Nanoseconds for a pick with the begin and the end of its connection, best of five passes of 100,000; and milliseconds of the first pick after one of 10,000 targets has gone.

${table(['', ...sizes.map((size) => `${size} targets`), 'after a change, ms'], costs)}

Least connections keeps a heap, whose cost is the logarithm of the number of targets; of a ring of hashes a pick is a binary search. The rest does not depend on the number of targets but for the caches of the processor.

## Clients that move

With consistent hashing, the share of the clients that another target has once one of so many has gone.

${table(['targets', 'its share', 'moved'], moves)}
`
writeFileSync(new URL('RESULTS-BALANCE.md', import.meta.url), page)
process.stdout.write(page)
