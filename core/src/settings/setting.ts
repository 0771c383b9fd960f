import type { Kind } from './kind.ts'

export interface Setting<T> {
  readonly kind: Kind<T>
  /** As an operator would write it; empty: not set. */
  readonly default: string
  /** Other names, Kong's among them, that mean the same; the first one given counts. */
  readonly aliases?: readonly string[]
  readonly description: string
  /** Never to be shown. */
  readonly secret?: true
}
