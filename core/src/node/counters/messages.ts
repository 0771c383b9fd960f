import type { Part, Returns } from '@kong-ts/pdk'

/** Plain data between a worker and the supervisor; each channel keeps its order. */

/** Which permits are meant: those of `key`, in the window that ends at `until`; without it those held until released. */
interface Subject {
  readonly key: string
  readonly until?: number | undefined
}

/** A worker has `wanted` takes waiting for permits under this limit. One is outstanding per subject. */
export interface Want extends Subject {
  readonly type: 'counters.want'
  readonly limit: number
  readonly wanted: number
  /** The permits come back by themselves; then there is no window, and no lease. */
  readonly returns?: Returns | undefined
}

/** A permit that would come back by itself was not needed after all. */
export interface Undo extends Subject {
  readonly type: 'counters.undo'
}

/** A worker gives back permits of which it makes no use, or which were released. */
export interface Give extends Subject {
  readonly type: 'counters.give'
  readonly permits: number
  /** It answers a recall; then there may be none to give. */
  readonly recalled: boolean
}

/** A worker has learnt what others took who are not of this node. */
export interface Learn extends Subject {
  readonly type: 'counters.learn'
  readonly told: readonly Part[]
  readonly heard: readonly Part[]
  readonly returns?: Returns | undefined
}

/** The answer to a want: the first takes that wait get permits, the next `refused` ones do not. */
export interface Answer extends Subject {
  readonly type: 'counters.answer'
  readonly limit: number
  /** More than were wanted are a lease: the worker admits from it without asking. */
  readonly permits: number
  readonly refused: number
  /** Of permits that come back by themselves, when some were refused: when the next one does, in ms since the epoch. */
  readonly next?: number | undefined
  /** Whether the worker must pass released permits on, because few or none are left. */
  readonly passOn: boolean
}

/** Unused permits are wanted elsewhere: give them back now, and pass on what is released. */
export interface Recall extends Subject {
  readonly type: 'counters.recall'
}

/** A key that was refused may have free permits again: ask. */
export interface Freed extends Subject {
  readonly type: 'counters.freed'
}

export type ToSupervisor = Want | Give | Undo | Learn
export type ToWorker = Answer | Recall | Freed
