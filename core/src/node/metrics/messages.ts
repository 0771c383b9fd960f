import type { FigureGroup } from '@kong-ts/pdk'
import type { FamilyNews, MetricDefinition } from '@kong-ts/pdk/host'
import type { Stats } from '../../plugins/conduct.ts'

/** What an instance of a plugin did since the worker last told of it. */
export interface ConductReport {
  /** Of the plugin's row. */
  readonly id: string
  readonly plugin: string
  readonly news: Stats
  /** Whether it takes no further part in this worker, after a failure. */
  readonly isDisabled: boolean
}

/** What a worker tells of its figures: what is declared at once, the rest once a second. Plain data, in order. */
export type ToSupervisor =
  | { readonly type: 'metrics.declared'; readonly definition: MetricDefinition }
  | { readonly type: 'metrics.retired'; readonly name: string }
  | { readonly type: 'metrics.shown'; readonly group: FigureGroup; readonly isShown: boolean }
  | { readonly type: 'metrics.counted'; readonly families: readonly FamilyNews[] }
  | { readonly type: 'plugins.behaved'; readonly reports: readonly ConductReport[] }
