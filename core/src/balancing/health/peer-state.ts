/** What came of one look at a peer, or of one try to use it. */
export type Report = 'success' | 'tcp_failure' | 'timeout' | 'http_failure'

/** After how many reports of a kind in a row a peer is another one; 0 is never. */
export type Limits = Readonly<Record<Report, number>>

/** Probes and connections count for themselves: one kind cannot take back what the other has found. */
export type Source = 'active' | 'passive'

/** A peer has become healthy or unhealthy. */
export interface Turn {
  readonly healthy: boolean
  readonly source: Source
  readonly report: Report
  readonly count: number
}

type Counts = Record<Report, number>

/**
 * What is known of a peer: healthy until so many failures of a kind, unhealthy until so many successes. A success
 * sets the failures of its source back to nothing, and a failure the successes.
 */
export class PeerState {
  #healthy = true
  #counts: Record<Source, Counts> = { active: nothing(), passive: nothing() }

  get healthy(): boolean {
    return this.#healthy
  }

  /** @param times how many of them there were in a row */
  report(source: Source, report: Report, limits: Limits, times = 1): Turn | undefined {
    const counts = this.#counts[source]
    if (report === 'success') Object.assign(counts, { ...nothing(), success: counts.success })
    else counts.success = 0
    if ((report === 'success') === this.#healthy) return undefined
    counts[report] += times
    const limit = limits[report]
    if (limit === 0 || counts[report] < limit) return undefined
    const turn = { healthy: report === 'success', source, report, count: counts[report] }
    this.#turn(turn.healthy)
    return turn
  }

  /** Forgets everything. */
  reset(): void {
    this.#turn(true)
  }

  #turn(healthy: boolean): void {
    this.#healthy = healthy
    this.#counts = { active: nothing(), passive: nothing() }
  }
}

function nothing(): Counts {
  return { success: 0, tcp_failure: 0, timeout: 0, http_failure: 0 }
}
