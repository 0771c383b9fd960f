import type { Figure, Row, SectionName } from './figures.ts'
import type { ProxyName } from './options.ts'

/** Something that could not be measured, as often as it was tried in vain. */
export interface Failure {
  readonly what: string
  readonly proxy: ProxyName
  readonly reason: string
  readonly times: number
}

/** Samples in the order in which their figures were planned, and what failed. */
export class Results {
  readonly #rows = new Map<string, { figure: Figure; samples: Map<string, number[]> }>()
  readonly #failures = new Map<string, Failure>()

  /** Gives a figure its place, so that it has a row though nothing can be measured. */
  plan(figure: Figure): Map<string, number[]> {
    const row = this.#rows.get(figure.title) ?? { figure, samples: new Map() }
    this.#rows.set(figure.title, row)
    return row.samples
  }

  add(figure: Figure, proxy: ProxyName, value: number): void {
    const samples = this.plan(figure)
    samples.set(proxy, [...(samples.get(proxy) ?? []), value])
  }

  fail(what: string, proxy: ProxyName, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    const times = this.failed(what, proxy) + 1
    this.#failures.set(`${what} ${proxy}`, { what, proxy, reason, times })
  }

  failed(what: string, proxy: ProxyName): number {
    return this.#failures.get(`${what} ${proxy}`)?.times ?? 0
  }

  rows(section?: SectionName): Row[] {
    return [...this.#rows.values()].filter(
      ({ figure }) => section === undefined || figure.section === section,
    )
  }

  failures(): readonly Failure[] {
    return [...this.#failures.values()]
  }
}
