/** Plain data between a worker and the supervisor; each channel keeps its order. */

/** A worker's share of a rate is low. One want is outstanding for each rate and worker. */
export interface Want {
  readonly key: string
  readonly bytesPerSecond: number
  readonly burst: number
  /** At least 1. */
  readonly bytes: number
}

/** Bytes that a worker may pass on. */
export interface Grant {
  readonly key: string
  readonly bytes: number
}

export interface ToSupervisor {
  readonly type: 'rates.want'
  readonly wants: readonly Want[]
}

export interface ToWorker {
  readonly type: 'rates.grant'
  readonly grants: readonly Grant[]
}
