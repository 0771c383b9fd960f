import type { Returns } from '@kong-ts/pdk'
import type { Bucket } from './buckets.ts'

/** A take that waits for the supervisor. */
export interface Waiting {
  readonly limit: number
  readonly settle: (admitted: boolean) => void
}

/** A worker's view of one key in one window. */
export interface Lease extends Bucket {
  /** The limit under which the unused permits were leased. */
  limit: number
  unused: number
  used: number
  /** Its permits come back by themselves: it holds none. */
  readonly returns: Returns | undefined
  /** Takes of this limit or less are refused without asking; 0 when none were. */
  refusedLimit: number
  /** When that ends, in milliseconds since the epoch. */
  refusedUntil: number
  /** Released permits go to the supervisor. */
  passOn: boolean
  /** How many of those that wait the outstanding request is for; 0 when there is none. */
  asked: number
  readonly waiting: Waiting[]
  /** No permit was taken from it since it was last looked at. */
  idle: boolean
}

export function openLease(key: string, until: number | undefined, returns?: Returns): Lease {
  return {
    key,
    until,
    returns,
    limit: 0,
    unused: 0,
    used: 0,
    refusedLimit: 0,
    refusedUntil: Infinity,
    passOn: true,
    asked: 0,
    waiting: [],
    idle: false,
  }
}

/** Takes one of the unused permits, if they were leased under this very limit. */
export function takeUnused(lease: Lease, limit: number): boolean {
  if (lease.unused === 0 || lease.limit !== limit) return false
  lease.unused--
  if (!lease.returns) lease.used++
  lease.idle = false
  return true
}

/** How many waiting takes one request can speak for: those at the front with one limit. */
export function askable(lease: Lease): number {
  const limit = lease.waiting[0]?.limit
  const end = lease.waiting.findIndex((take) => take.limit !== limit)
  return end === -1 ? lease.waiting.length : end
}

/** Settles the takes that were asked for, then those that the lease can serve. */
export function settle(lease: Lease, refused: number): void {
  const asked = lease.waiting.splice(0, lease.asked)
  lease.asked = 0
  asked.forEach((take, i) => {
    const admitted = i < asked.length - refused
    if (admitted) takeUnused(lease, take.limit)
    take.settle(admitted)
  })
  for (
    let next = lease.waiting[0];
    next && takeUnused(lease, next.limit);
    next = lease.waiting[0]
  ) {
    lease.waiting.shift()
    next.settle(true)
  }
}
