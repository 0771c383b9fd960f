import type { Peer } from './peer.ts'

/** What a connection asks for. */
export interface Ask {
  /** Peers that have failed for it. */
  readonly tried: ReadonlySet<Peer>
  /** What the connection is hashed on, as 32 bits; undefined: it has nothing of the kind. */
  key(): number | undefined
}

/** The peers of a pool that have any weight. */
export interface Candidates {
  /** In an order that does not depend on how they do. */
  readonly all: readonly Peer[]
  /** Those of them that take new connections. */
  readonly available: readonly Peer[]
}

/** What the ways to pick have in common of the world around them. */
export interface Surroundings {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** From 0 to less than 1. */
  readonly random: () => number
}

/** A way to pick a peer. The cost of a pick does not depend on the number of peers. */
export interface Picker {
  /** From now on it picks among these; called again whenever they, their weights or their health change. */
  use(candidates: Candidates): void
  /** Undefined when all that are available were tried. */
  pick(ask: Ask): Peer | undefined
  /** The number of a peer's connections has changed. */
  moved?(peer: Peer): void
  /** All that are available and untried, best first; `first` was picked. */
  rank?(ask: Ask, first: Peer): readonly Peer[]
}

/** Draws before all peers are gone through: many enough for any but the most uneven weights. */
const draws = 32

/** Draws until a peer is found that was not tried and, in its slow start, takes this connection. */
export function drawFor(
  { tried }: Ask,
  available: readonly Peer[],
  draw: () => Peer | undefined,
  { now, random }: Surroundings,
): Peer | undefined {
  let slow: Peer | undefined
  for (let count = 0; count < draws; count++) {
    const peer = draw()
    if (peer === undefined || tried.has(peer)) continue
    if (!peer.slow || peer.admits(now())) return peer
    slow ??= peer
  }
  return slow ?? findUntried(available, tried, random())
}

function findUntried(
  available: readonly Peer[],
  tried: ReadonlySet<Peer>,
  from: number,
): Peer | undefined {
  const untried = available.filter((peer) => !tried.has(peer))
  return untried[Math.floor(from * untried.length)]
}
