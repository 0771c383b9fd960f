import type { Clock } from '../../balancing/dns/clock.ts'
import type { Checks, ProbePlan } from '../../balancing/health/checks.ts'
import type { Report, Source } from '../../balancing/health/peer-state.ts'
import { Slots } from '../../balancing/health/slots.ts'
import type { Outcome, PeerHealth, ToWorker, Tried } from '../../balancing/messages.ts'
import type { Names } from '../../balancing/names.ts'
import type { TargetAddress } from '../../balancing/target-addresses.ts'
import type { AddressReport } from '../../balancing/target-health.ts'
import { markOf } from '../../entities/plan-mark.ts'
import type { TargetRow, Upstream } from '../../entities/rows.ts'
import type { ErrorLog } from '../logs/log.ts'
import { Beat } from './beat.ts'
import type { Finding, ProbeTarget } from './probe.ts'
import { TrackedPeer } from './tracked-peer.ts'
import { TrackedTargets } from './tracked-targets.ts'

/** What an upstream needs of the node around it. */
export interface Surroundings {
  readonly names: Pick<Names, 'watch'>
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  /** Milliseconds since the epoch. */
  readonly epoch: () => number
  /** The probes of all upstreams. */
  readonly slots: Slots
  readonly log: Pick<ErrorLog, 'notice' | 'warn'>
  probe(target: ProbeTarget, plan: ProbePlan, upstream: Upstream): Promise<Finding>
  tell(message: ToWorker): void
}

interface Tracked {
  readonly peer: TrackedPeer
  readonly beat: Beat
}

/** Why a peer is another one. */
interface Cause {
  readonly by: Source | 'operator' | 'configuration'
  readonly why?: string
  /** How many reports in a row it took. */
  readonly count?: number
}

/** What the outcomes of connections are to the counters, in the order in which they are taken. */
const reports: readonly (readonly [Outcome, Report])[] = [
  ['success', 'success'],
  ['tcp_failure', 'tcp_failure'],
  ['timeout', 'timeout'],
  ['tls_failure', 'tcp_failure'],
  ['reset', 'tcp_failure'],
]

/** Seconds over which the connections of a peer that turned unhealthy end. */
const defaultWindow = 5

/** The peers of one upstream that is checked, or of which an operator has said something. */
export class TrackedUpstream {
  readonly targets: TrackedTargets
  readonly #around: Surroundings
  readonly #lane: Slots
  readonly #peers = new Map<string, Tracked>()
  #row: Upstream
  #checks: Checks | undefined
  /** Whether the last probe could not be made. */
  #short = false

  constructor(row: Upstream, checks: Checks | undefined, around: Surroundings) {
    this.#around = around
    this.#row = row
    this.#checks = checks
    this.#lane = new Slots(checks?.active.concurrency ?? 1)
    this.targets = new TrackedTargets(around.names, row.use_srv_name === true, {
      enter: (target, address) => this.#enter(target, address),
      leave: (target, peer) => this.#leave(target, peer),
    })
  }

  get checks(): Checks | undefined {
    return this.#checks
  }

  /** What is known of the peers stays. */
  configure(row: Upstream, checks: Checks | undefined): void {
    this.#row = row
    this.#checks = checks
    this.#lane.limit = checks?.active.concurrency ?? 1
    this.targets.useSrvName = row.use_srv_name === true
    for (const { peer, beat } of this.#peers.values()) {
      if (!checks) peer.state.reset()
      beat.changed()
      this.#settle(peer, { by: 'configuration' })
    }
  }

  /** Takes what a worker says of its tries; of a peer that is none any more there is nothing to count. */
  count({ peer: name, outcomes }: Tried): void {
    for (const [outcome, report] of reports) {
      const tracked = this.#peers.get(name)
      const times = outcomes[outcome] ?? 0
      if (!tracked || !this.#checks || times === 0) continue
      const { peer, beat } = tracked
      const turn = peer.state.report('passive', report, this.#checks.passive, times)
      if (!turn) continue
      beat.changed()
      this.#settle(peer, { by: 'passive', why: outcome, count: turn.count })
    }
  }

  /** What is known of an address of a target; one that nobody has met yet begins as any other. */
  report(row: TargetRow, { peer: name, weight }: TargetAddress): AddressReport {
    const peer = this.#peers.get(name)?.peer
    const mark = peer ? peer.mark : markOf(row, name)
    if (mark !== undefined) return { health: stateOf(mark), manual: true }
    if (!this.#checks || weight === 0) return { health: 'HEALTHCHECKS_OFF', manual: false }
    return { health: stateOf(peer?.state.healthy ?? true), manual: false }
  }

  /** What a worker that starts has to know. */
  present(): readonly PeerHealth[] {
    const all = [...this.#peers.values()].map(({ peer }) => peer.tell())
    return all.filter(isNews)
  }

  #enter(row: TargetRow, address: TargetAddress): void {
    const tracked = this.#peers.get(address.peer)
    const peer = tracked?.peer ?? new TrackedPeer(address.peer)
    const before = peer.mark
    peer.owners.set(row.id, { row, address })
    if (tracked) tracked.beat.changed()
    else this.#peers.set(peer.name, { peer, beat: this.#begin(peer) })
    this.#obey(peer, before)
  }

  #leave(target: string, name: string): void {
    const tracked = this.#peers.get(name)
    if (!tracked) return
    const { peer, beat } = tracked
    const before = peer.mark
    peer.owners.delete(target)
    beat.changed()
    if (peer.owners.size > 0) return this.#obey(peer, before)
    beat.close()
    this.#peers.delete(name)
    // Should it come back, it begins as one that nobody knows.
    if (isNews(peer.tell())) this.#tell({ peer: name, available: true })
  }

  /** Follows an operator. Where nothing would ever find out that it is well, it is when nobody says otherwise. */
  #obey(peer: TrackedPeer, before: boolean | undefined): void {
    const { mark } = peer
    const active = this.#checks?.active
    const recovers = active !== undefined && active.interval(false) > 0 && active.limits.success > 0
    if (before !== undefined && mark === undefined && !recovers) peer.state.reset()
    this.#settle(peer, { by: before === mark ? 'configuration' : 'operator' })
  }

  #begin(peer: TrackedPeer): Beat {
    const { clock, random, slots } = this.#around
    return new Beat({
      clock,
      random,
      interval: () => (peer.weighs ? (this.#checks?.active.interval(peer.state.healthy) ?? 0) : 0),
      jitter: () => this.#checks?.active.jitter ?? 0,
      look: () => this.#lane.run(() => slots.run(() => this.#probe(peer))),
    })
  }

  async #probe(peer: TrackedPeer): Promise<void> {
    const checks = this.#checks
    const [owner] = peer.owners.values()
    if (!checks || !owner) return
    const { ip, port, host } = owner.address
    const target = { ip, port, host, hostHeader: this.#row.host_header ?? host }
    const finding = await this.#around.probe(target, checks.active.probe, this.#row)
    // What was found by other rules, or of a peer that is gone, counts for nothing.
    if (this.#checks === checks && this.#peers.get(peer.name)?.peer === peer) {
      this.#take(peer, checks, finding)
    }
  }

  #take(peer: TrackedPeer, checks: Checks, { report, why, ownFault = false }: Finding): void {
    const isNew = ownFault && !this.#short
    this.#short = ownFault
    if (isNew) {
      const fields = { upstream: this.#row.name, peer: peer.name, why }
      this.#around.log.warn(fields, 'probes cannot be made')
    }
    if (report === undefined) return
    const turn = peer.state.report('active', report, checks.active.limits)
    if (turn) this.#settle(peer, { by: 'active', why, count: turn.count })
  }

  /** Tells workers and the log what has become of a peer, if anything has. */
  #settle(peer: TrackedPeer, cause: Cause): void {
    const available = peer.mark ?? peer.state.healthy
    if (!peer.settle(available, this.#around.epoch())) return
    const { id, name, on_unhealthy, on_unhealthy_window = defaultWindow } = this.#row
    const { log } = this.#around
    const fields = { upstream: name, peer: peer.name, targets: peer.targets, ...cause }
    if (available) log.notice(fields, 'a peer is healthy again')
    else log.warn(fields, 'a peer turned unhealthy')
    this.#tell(peer.tell())
    if (available || on_unhealthy !== 'close') return
    const window = on_unhealthy_window * 1000
    this.#around.tell({ type: 'close', upstream: id, peer: peer.name, window })
  }

  #tell(peer: PeerHealth): void {
    this.#around.tell({ type: 'health', upstream: this.#row.id, peers: [peer] })
  }
}

/** Workers take a peer of which they were told nothing for one that always was available. */
function isNews({ available, recovered }: PeerHealth): boolean {
  return !available || recovered !== undefined
}

function stateOf(isWell: boolean): AddressReport['health'] {
  return isWell ? 'HEALTHY' : 'UNHEALTHY'
}
