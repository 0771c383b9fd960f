import type { Metrics } from '@kong-ts/pdk'
import { MetricBook } from '@kong-ts/pdk/host'
import type { Stats } from '../../plugins/conduct.ts'
import type { PluginInstance } from '../../plugins/instance.ts'
import type { ConductReport, ToSupervisor } from './messages.ts'
import { ownNames } from './own-metrics.ts'

/** Milliseconds between reports: so much is lost at most with a worker that is killed. */
export const reportEvery = 1_000

type Behaving = Pick<PluginInstance, 'serial' | 'plugin' | 'conduct'> & {
  readonly self: { readonly id: string }
}

/** A worker's end of the figures of its node: what plugins count, and how they behave. */
export class FiguresEnd {
  readonly #tell: (message: ToSupervisor) => void
  readonly #book: MetricBook
  readonly #behaved = new Set<Behaving>()
  /** The newest instance of each plugin's row that was disabled. */
  readonly #disabled = new Map<string, number>()

  /** @param tell must keep the order */
  constructor(tell: (message: ToSupervisor) => void) {
    this.#tell = tell
    const keeper = {
      declared: (definition: Parameters<typeof declaredMessage>[0]) =>
        tell(declaredMessage(definition)),
      retired: (name: string) => {
        // What was counted last is not lost with it.
        this.#tellCounts()
        tell({ type: 'metrics.retired', name })
      },
      shown: (group: Parameters<Metrics['show']>[0], isShown: boolean) =>
        tell({ type: 'metrics.shown', group, isShown }),
    }
    this.#book = new MetricBook(keeper, ownNames)
  }

  /** What an instance counts until the signal aborts. */
  metrics(life: AbortSignal): Metrics {
    return this.#book.open(life)
  }

  /** An instance has something to report. */
  behaved(instance: Behaving): void {
    this.#behaved.add(instance)
  }

  /** Tells what has changed since it was last told. */
  flush(): void {
    this.#tellCounts()
    const reports = [...this.#behaved].flatMap((each) => this.#report(each) ?? [])
    this.#behaved.clear()
    if (reports.length > 0) this.#tell({ type: 'plugins.behaved', reports })
  }

  #tellCounts(): void {
    const families = this.#book.take()
    if (families.length > 0) this.#tell({ type: 'metrics.counted', families })
  }

  #report(instance: Behaving): ConductReport | undefined {
    const { conduct, plugin, self } = instance
    const { id } = self
    const news = conduct.news()
    const before = this.#disabled.has(id)
    const isDisabled = this.#noteDisabled(instance)
    if (isDisabled === before && !hasNews(news)) return undefined
    return { id, plugin: plugin.name, news, isDisabled }
  }

  /** Whether the newest instance of the row is disabled, as far as is known. */
  #noteDisabled({ conduct, self: { id }, serial }: Behaving): boolean {
    const known = this.#disabled.get(id)
    if (conduct.isDisabled) this.#disabled.set(id, Math.max(known ?? 0, serial))
    // One that was replaced has no say in whether its successor runs.
    else if (known !== undefined && known <= serial) this.#disabled.delete(id)
    return this.#disabled.has(id)
  }
}

/** Everything that an instance does happens in a phase, but what it does to bytes while they flow. */
function hasNews({ phases, failed, wouldReject, stalls }: Stats): boolean {
  return Object.keys(phases).length > 0 || failed + wouldReject + stalls > 0
}

function declaredMessage(
  definition: Extract<ToSupervisor, { type: 'metrics.declared' }>['definition'],
): ToSupervisor {
  return { type: 'metrics.declared', definition }
}
