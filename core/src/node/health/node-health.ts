import { systemClock, type Clock } from '../../balancing/dns/clock.ts'
import { readChecks, type Checks } from '../../balancing/health/checks.ts'
import { Slots } from '../../balancing/health/slots.ts'
import type { ToSupervisor, ToWorker } from '../../balancing/messages.ts'
import type { Names } from '../../balancing/names.ts'
import type { TargetAddress } from '../../balancing/target-addresses.ts'
import type { AddressReport } from '../../balancing/target-health.ts'
import type { EntitySet } from '../../entities/entity-set.ts'
import { isMarked } from '../../entities/plan-mark.ts'
import type { Change, Delta, TargetRow, Upstream } from '../../entities/rows.ts'
import { messageOf } from '../../errors/message-of.ts'
import { contextFor } from '../../transport/portable/upstream-context.ts'
import type { ErrorLog } from '../logs/log.ts'
import type { Told, Upstreams } from '../upstreams/upstreams.ts'
import { ProbeIdentity, type Trust } from './probe-identity.ts'
import { probe } from './probe.ts'
import { TrackedUpstream, type Surroundings } from './tracked-upstream.ts'

export interface HealthParts {
  readonly entities: EntitySet
  readonly names: Names
  readonly trust: Trust
  readonly log: ErrorLog
  readonly clock?: Clock
  readonly random?: () => number
  readonly epoch?: () => number
}

/** Probes of this node at the same time, whatever the upstreams allow together. */
const probesTogether = 256

const off: AddressReport = { health: 'HEALTHCHECKS_OFF', manual: false }

/** What this node knows of the health of its upstreams; workers are told what becomes of it. */
export class NodeHealth implements Upstreams {
  readonly #parts: HealthParts
  readonly #around: Surroundings
  readonly #identity: ProbeIdentity
  readonly #workers = new Set<Told>()
  readonly #tracked = new Map<string, TrackedUpstream>()
  /** The upstream of each target that is looked after. */
  readonly #homes = new Map<string, string>()

  constructor(parts: HealthParts) {
    this.#parts = parts
    const { names, log, clock = systemClock, random = Math.random, epoch = Date.now } = parts
    const identity = new ProbeIdentity(parts.entities, parts.trust)
    this.#identity = identity
    this.#around = {
      names,
      log,
      clock,
      random,
      epoch,
      slots: new Slots(probesTogether),
      probe: (target, plan, upstream) =>
        probe(target, plan, () => contextFor(identity.of(upstream, plan.verify))),
      tell: (message) => this.#tell(message),
    }
    const { rows } = parts.entities.list('upstreams', { size: Infinity })
    for (const row of rows) this.#putUpstream(row)
  }

  /** From now on TLS trusts these authorities, and shows this certificate. */
  trust(trust: Trust): void {
    this.#identity.trust(trust)
  }

  join(worker: Told): void {
    this.#workers.add(worker)
    for (const [upstream, tracked] of this.#tracked) {
      const peers = tracked.present()
      if (peers.length > 0) worker.tell({ type: 'health', upstream, peers })
    }
  }

  leave(worker: Told): void {
    this.#workers.delete(worker)
  }

  receive(_worker: Told, message: ToSupervisor): void {
    if (message.type === 'tried') this.#tracked.get(message.upstream)?.count(message)
  }

  follow({ changes }: Delta): void {
    for (const change of changes) this.#follow(change)
  }

  /** Whether anything checks an upstream. */
  isChecked({ id }: Upstream): boolean {
    return this.#tracked.get(id)?.checks !== undefined
  }

  /** What is known of an address of a target. */
  report(row: TargetRow, address: TargetAddress): AddressReport {
    return this.#tracked.get(row.upstream.id)?.report(row, address) ?? off
  }

  /** Takes a target as it is, or as it is about to be. */
  put(row: TargetRow): void {
    const home = this.#homes.get(row.id)
    if (home !== undefined && home !== row.upstream.id) this.remove(row.id)
    const tracked = this.#tracked.get(row.upstream.id)
    if (tracked) {
      this.#place(tracked, row)
      this.#dropIdle(row.upstream.id, tracked)
    } else if (isMarked(row)) {
      this.#track(row)
    }
  }

  remove(target: string): void {
    const home = this.#homes.get(target) ?? ''
    this.#homes.delete(target)
    const tracked = this.#tracked.get(home)
    tracked?.targets.remove(target)
    if (tracked) this.#dropIdle(home, tracked)
  }

  /** No probes, and no word to workers. */
  close(): void {
    this.#workers.clear()
    for (const tracked of this.#tracked.values()) tracked.targets.close()
    this.#tracked.clear()
    this.#homes.clear()
  }

  #follow(change: Change): void {
    switch (change.entity) {
      case 'upstreams':
        if (change.op === 'put') this.#putUpstream(change.row)
        else this.#drop(change.id)
        return
      case 'targets':
        if (change.op === 'put') this.put(change.row)
        else this.remove(change.id)
        return
      case 'certificates':
      case 'vaults':
        this.#identity.forget()
    }
  }

  #putUpstream(row: Upstream): void {
    const checks = this.#checksOf(row)
    const tracked = this.#tracked.get(row.id)
    if (tracked) {
      tracked.configure(row, checks)
      this.#dropIdle(row.id, tracked)
      return
    }
    const targets = this.#parts.entities.children('targets', 'upstream', row.id)
    if (!checks && !targets.some(isMarked)) return
    const fresh = new TrackedUpstream(row, checks, this.#around)
    this.#tracked.set(row.id, fresh)
    for (const target of targets) this.#place(fresh, target)
  }

  /** A target of an upstream that nothing checks is marked. */
  #track(row: TargetRow): void {
    const upstream = this.#parts.entities.get('upstreams', row.upstream.id)
    if (!upstream) return
    const fresh = new TrackedUpstream(upstream, this.#checksOf(upstream), this.#around)
    this.#tracked.set(upstream.id, fresh)
    this.#place(fresh, row)
  }

  #place(tracked: TrackedUpstream, row: TargetRow): void {
    tracked.targets.put(row)
    this.#homes.set(row.id, row.upstream.id)
  }

  #dropIdle(id: string, tracked: TrackedUpstream): void {
    if (!tracked.checks && !tracked.targets.isMarked) this.#drop(id)
  }

  #drop(id: string): void {
    const tracked = this.#tracked.get(id)
    for (const target of tracked?.targets.close() ?? []) this.#homes.delete(target)
    this.#tracked.delete(id)
  }

  /** What is stored was checked when it was written; what was edited since may be no plan for a probe. */
  #checksOf(row: Upstream): Checks | undefined {
    try {
      return readChecks(row)
    } catch (error) {
      const fields = { upstream: row.name, error: messageOf(error) }
      this.#parts.log.error(fields, 'the health of an upstream cannot be checked')
      return undefined
    }
  }

  #tell(message: ToWorker): void {
    for (const worker of this.#workers) worker.tell(message)
  }
}
