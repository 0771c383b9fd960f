import type { Kit } from '../kit.ts'
import type { Counter, Gauge } from '../metrics/metrics.ts'

/** Why entries were dropped, in a word that does not vary. */
export type LossReason =
  /** Too many waited, or too large ones. */
  | 'queue_full'
  /** They were not taken for as long as they are tried. */
  | 'not_taken'
  /** The instance or the gateway ended before they were taken. */
  | 'ended'
  /** No sink of this kind takes one so large. */
  | 'too_large'
  /** The sink's machine says that nobody listens. */
  | 'refused'
  /** They could not be sent. */
  | 'error'

const labels = ['plugin', 'id'] as const

/**
 * Counts for `/metrics` what becomes of the entries that an instance of a plugin sends somewhere: each is waiting until it
 * was sent or dropped. All plugins that count so share the metrics.
 */
export class EntryCounts {
  readonly #whose: { readonly plugin: string; readonly id: string }
  readonly #sent: Counter<'plugin' | 'id'>
  readonly #dropped: Counter<'plugin' | 'id' | 'reason'>
  readonly #failures: Counter<'plugin' | 'id'>
  readonly #waiting: Gauge<'plugin' | 'id'>
  /** So many were dropped after they had been counted as sent. */
  #recalled = 0

  /** @param plugin its name */
  constructor(plugin: string, { id, metrics }: Pick<Kit, 'id' | 'metrics'>) {
    this.#whose = { plugin, id }
    this.#sent = metrics.counter({
      name: 'kong_log_sent_entries_total',
      help: 'Log entries that their sink has taken',
      labels,
    })
    this.#dropped = metrics.counter({
      name: 'kong_log_dropped_entries_total',
      help: 'Log entries that were given up, by reason',
      labels: [...labels, 'reason'],
    })
    this.#failures = metrics.counter({
      name: 'kong_log_failed_deliveries_total',
      help: 'Attempts to deliver log entries that failed',
      labels,
    })
    this.#waiting = metrics.gauge({
      name: 'kong_log_waiting_entries',
      help: 'Log entries that are not yet delivered',
      labels,
    })
    // What has not happened yet is shown as 0, so that an alert has something to compare with.
    for (const counter of [this.#sent, this.#failures]) counter.inc(this.#whose, 0)
    this.#dropped.inc({ ...this.#whose, reason: 'queue_full' }, 0)
    this.#waiting.set(this.#whose, 0)
  }

  came(count = 1): void {
    this.#waiting.inc(this.#whose, count)
  }

  /** A delivery has come to an end, in which so many of its entries, or of earlier ones, were dropped. */
  delivered(count: number, dropped: number): void {
    this.#waiting.inc(this.#whose, -count)
    const sent = count - dropped - this.#recalled
    this.#recalled = Math.max(0, -sent)
    if (sent > 0) this.#sent.inc(this.#whose, sent)
  }

  /** Entries that waited were given up. */
  givenUp(count: number, reason: LossReason): void {
    this.#waiting.inc(this.#whose, -count)
    this.dropped(count, reason)
  }

  /** Entries that do not wait, or that `delivered` speaks of, were dropped. */
  dropped(count: number, reason: LossReason): void {
    this.#dropped.inc({ ...this.#whose, reason }, count)
  }

  failed(): void {
    this.#failures.inc(this.#whose)
  }
}
