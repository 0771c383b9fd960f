import { performance } from 'node:perf_hooks'

/** What this process waits for, by Node's name for it: `Timeout`, `TCPServerWrap`. Only what keeps it alive. */
function countResources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** The timers of the supervisor: while somebody asks, none of them runs, since one thread does both. */
export function countTimers(): { readonly running: number; readonly pending: number } {
  const { Timeout: waiting = 0, Immediate: due = 0 } = countResources()
  return { running: 0, pending: waiting + due }
}

/**
 * The timers of the supervisor in the shape of Kong's `/timers`.
 * `runs` is how often those that are due were run: the turns of the event loop. There is no profile: its texts are empty.
 * @param workers process ids; a node of one process is its own worker
 */
export function describeTimers(workers: readonly number[]) {
  const resources = countResources()
  const { Timeout: waiting = 0, Immediate: pending = 0 } = resources
  return {
    worker: { id: workers.indexOf(process.pid), count: workers.length },
    stats: {
      flamegraph: { running: '', pending: '', elapsed_time: '' },
      sys: {
        total: waiting + pending,
        runs: performance.nodeTiming.uvMetricsInfo.loopCount,
        running: 0,
        pending,
        waiting,
      },
      timers: { Timeout: waiting, Immediate: pending },
      resources,
    },
  }
}
