import { phaseNames, type PhaseName } from '@kong-ts/pdk'
import type { PluginRow } from '../entities/rows.ts'

/** How far the gateway follows an instance. */
export interface Terms {
  /** What it decides is counted and logged, and has no effect. */
  readonly isShadow: boolean
  /** What becomes of a connection, or of the instance, when a phase fails. */
  readonly onError: 'close' | 'open' | 'disable'
  /** Milliseconds that a phase may take; undefined: as the node has it. */
  readonly timeout: number | undefined
}

export function termsOf({ mode, on_error, timeout_ms }: PluginRow): Terms {
  return { isShadow: mode === 'shadow', onError: on_error ?? 'close', timeout: timeout_ms }
}

/** What an instance did in a phase, since it was set up. */
export interface PhaseStats {
  calls: number
  /** Milliseconds of all calls together, waiting included. */
  time: number
  /** How many calls took at most so long as the bound of the same place in `timeBounds`; the last has none. */
  readonly buckets: number[]
}

export interface Stats {
  readonly phases: { readonly [P in PhaseName]?: PhaseStats }
  readonly rejected: number
  /** Decisions without effect. */
  readonly wouldReject: number
  readonly failed: number
  /** Times that it held up the event loop, and milliseconds of the longest. */
  readonly stalls: number
  readonly longestStall: number
}

/** Milliseconds. */
export const timeBounds: readonly number[] = [0.01, 0.1, 1, 10, 100, 1000, 10_000]

/** Milliseconds without a pause after which an instance is said to hold up the event loop. */
export const stall = 100

/** The terms of an instance and how it behaves, in this process. */
export class Conduct {
  terms: Terms = { isShadow: false, onError: 'close', timeout: undefined }
  /** After a failure, where its terms say so; until its row is written again. */
  isDisabled = false
  /** It is disabled, and it was its last phase that failed: not even what it holds of open connections is asked back. */
  isSilent = false
  rejected = 0
  wouldReject = 0
  failed = 0
  stalls = 0
  longestStall = 0
  /** Oddities that were told. */
  readonly told = new Set<string>()
  readonly #phases: { [P in PhaseName]?: PhaseStats } = {}
  readonly #changed: () => void
  #isKnown = false
  #told: Stats = unheard

  /** @param changed called at the first change after `news` was asked for */
  constructor(changed: () => void = () => undefined) {
    this.#changed = changed
  }

  follow(terms: Terms): void {
    this.terms = terms
    this.isDisabled = false
    this.isSilent = false
    this.touch()
  }

  /** Something has changed. What a phase leads to changes with the phase, before anybody asks. */
  touch(): void {
    if (this.#isKnown) return
    this.#isKnown = true
    this.#changed()
  }

  /** What came to pass since this was last asked for; of the longest stall: what it is now. */
  news(): Stats {
    this.#isKnown = false
    const before = this.#told
    this.#told = structuredClone(this.stats)
    return difference(this.#told, before)
  }

  /** @param milliseconds from the call of a phase to its answer */
  took(phase: PhaseName, milliseconds: number): void {
    const stats = (this.#phases[phase] ??= {
      calls: 0,
      time: 0,
      buckets: [0, ...timeBounds.map(() => 0)],
    })
    this.touch()
    stats.calls += 1
    stats.time += milliseconds
    let bucket = 0
    while (milliseconds > (timeBounds[bucket] ?? Infinity)) bucket += 1
    stats.buckets[bucket] = (stats.buckets[bucket] ?? 0) + 1
  }

  stalled(milliseconds: number): void {
    this.touch()
    this.stalls += 1
    this.longestStall = Math.max(this.longestStall, milliseconds)
  }

  get stats(): Stats {
    const { rejected, wouldReject, failed, stalls, longestStall } = this
    return { phases: this.#phases, rejected, wouldReject, failed, stalls, longestStall }
  }
}

const unheard: Stats = {
  phases: {},
  rejected: 0,
  wouldReject: 0,
  failed: 0,
  stalls: 0,
  longestStall: 0,
}

function difference(now: Stats, before: Stats): Stats {
  const phases: { [P in PhaseName]?: PhaseStats } = {}
  for (const phase of phaseNames) {
    const stats = now.phases[phase]
    const known = before.phases[phase]
    if (stats && stats.calls !== known?.calls) phases[phase] = since(stats, known)
  }
  return {
    phases,
    rejected: now.rejected - before.rejected,
    wouldReject: now.wouldReject - before.wouldReject,
    failed: now.failed - before.failed,
    stalls: now.stalls - before.stalls,
    longestStall: now.longestStall,
  }
}

function since(now: PhaseStats, before: PhaseStats | undefined): PhaseStats {
  if (!before) return now
  return {
    calls: now.calls - before.calls,
    time: now.time - before.time,
    buckets: now.buckets.map((count, at) => count - (before.buckets[at] ?? 0)),
  }
}
