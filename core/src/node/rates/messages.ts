/** Plain data between a worker and the supervisor; each channel keeps its order. */

/** A worker's share of a rate is low. One want is outstanding for each rate and worker. */
export interface Want {
  readonly key: string
  readonly bytesPerSecond: number
  readonly burst: number
  /** At least 1. */
  readonly bytes: number
  /** How many connections it is for; at least 1. */
  readonly weight: number
}

/** Bytes that a worker may pass on. */
export interface Grant {
  readonly key: string
  readonly bytes: number
}

/** What a worker wants in one turn of its event loop. */
export interface WantBytes {
  readonly type: 'rates.want'
  readonly wants: readonly Want[]
}

/** What it gets of it. */
export interface GrantBytes {
  readonly type: 'rates.grant'
  readonly grants: readonly Grant[]
}
