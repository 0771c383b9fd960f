import type * as upstreams from '../../balancing/messages.ts'
import type { Delta, Snapshot } from '../../entities/rows.ts'
import type { Boot, DoorOptions } from './boot.ts'
import type * as counters from '../counters/messages.ts'
import type * as kit from '../kit/messages.ts'
import type * as figures from '../metrics/messages.ts'
import type { LogLevelName } from '../../settings/log-levels.ts'
import type { Traffic } from './worker-link.ts'

/** A listening socket as a worker process inherits it. */
export interface Door extends DoorOptions {
  readonly fd: number
}

/** What a worker answers, one question at a time. */
export type Question =
  | {
      readonly type: 'start'
      readonly boot: Boot
      /** Which of the node's workers it is, from 0 on. */
      readonly slot: number
      readonly snapshot: Snapshot
      readonly doors: readonly Door[]
    }
  | { readonly type: 'prepare'; readonly delta: Delta }
  | { readonly type: 'swap' }

export type ToWorker =
  | Question
  | { readonly type: 'discard' }
  | { readonly type: 'drain'; readonly milliseconds: number }
  | { readonly type: 'reopen' }
  | { readonly type: 'level'; readonly level: LogLevelName }
  | { readonly type: 'tickets'; readonly secret: Uint8Array }
  | { readonly type: 'counters'; readonly message: counters.ToWorker }
  | { readonly type: 'upstreams'; readonly message: upstreams.ToWorker }
  | { readonly type: 'kit'; readonly message: kit.ToWorker }
  /** It is to tell what it has counted, and then that it has. */
  | { readonly type: 'report' }

/** What comes of a question: it is done, it cannot be served, or the worker is at fault. */
export type Answer =
  | { readonly type: 'done' }
  | { readonly type: 'refused'; readonly message: string; readonly plugin: string | undefined }
  | { readonly type: 'failed'; readonly message: string }

export type ToSupervisor =
  | Answer
  /** How it does; told once a second, and when it begins and ends. */
  | {
      readonly type: 'traffic'
      readonly traffic: Traffic
      readonly heap: number
      readonly resident: number
    }
  | { readonly type: 'counters'; readonly message: counters.ToSupervisor }
  | { readonly type: 'upstreams'; readonly message: upstreams.ToSupervisor }
  | { readonly type: 'kit'; readonly message: kit.ToSupervisor }
  | { readonly type: 'figures'; readonly message: figures.ToSupervisor }
  | { readonly type: 'reported' }
