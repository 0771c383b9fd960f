import type { Part } from '@kong-ts/pdk'
import type { GrantBytes, WantBytes } from '../rates/messages.ts'

/** Plain data between a worker and the supervisor, on behalf of plugins' kits; each channel keeps its order. */

/** An addition, or without an amount a look. */
export interface NumberAsk {
  readonly instance: string
  readonly key: string
  readonly sum?: { readonly amount: number; readonly limit: number; readonly until: number }
  /** It is about the number of what is added for a time; then `sum` is not there. */
  readonly passing?: { readonly sum?: PassingSum }
}

/** What is to leave again after so many milliseconds. */
export interface PassingSum {
  readonly amount: number
  readonly limit: number
  readonly after: number
  readonly at?: number | undefined
}

/** What came of one. */
export type NumberAnswer =
  | { readonly added: boolean; readonly total: number; readonly parts?: readonly Part[] }
  | { readonly error: string }

/** What a worker asks in one turn of its event loop. */
export interface AskNumbers {
  readonly type: 'numbers.ask'
  readonly id: number
  readonly asks: readonly NumberAsk[]
}

/** The answers, in the order of what was asked. */
export interface AnswerNumbers {
  readonly type: 'numbers.answer'
  readonly id: number
  readonly answers: readonly NumberAnswer[]
}

/** A result of an instance with one configuration, under a name. */
export interface OnceSubject {
  readonly scope: string
  readonly name: string
}

/** Somebody wants a result that is at most so many milliseconds old; without that any. */
export interface WantResult extends OnceSubject {
  readonly type: 'once.want'
  readonly maxAge: number | undefined
}

/** The worker whose turn it was has this result, serialized. */
export interface ResultMade extends OnceSubject {
  readonly type: 'once.made'
  readonly turn: number
  readonly bytes: Uint8Array
}

/** The worker whose turn it was failed. */
export interface ResultFailed extends OnceSubject {
  readonly type: 'once.failed'
  readonly turn: number
  readonly message: string
}

/** The worker whose turn it is has nobody left who could do it. */
export interface PassTurn extends OnceSubject {
  readonly type: 'once.pass'
  readonly turn: number
}

/** The worker has no instance of this scope any more. */
export interface LeaveScope {
  readonly type: 'once.leave'
  readonly scope: string
}

/** It is this worker's turn to produce the result. */
export interface TakeTurn extends OnceSubject {
  readonly type: 'once.turn'
  readonly turn: number
}

/** The result that was wanted. */
export interface TellResult extends OnceSubject {
  readonly type: 'once.result'
  readonly bytes: Uint8Array
  /** Milliseconds since the epoch at which it was there. */
  readonly at: number
}

/** What was wanted could not be produced. */
export interface TellFailure extends OnceSubject {
  readonly type: 'once.failure'
  readonly turn: number
  readonly message: string
}

export type OnceToSupervisor = WantResult | ResultMade | ResultFailed | PassTurn | LeaveScope
export type OnceToWorker = TakeTurn | TellResult | TellFailure
export type ToSupervisor = AskNumbers | OnceToSupervisor | WantBytes
export type ToWorker = AnswerNumbers | OnceToWorker | GrantBytes
