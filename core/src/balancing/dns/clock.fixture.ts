import type { Clock } from './clock.ts'

/** For the tests: time that passes when it is told to. */
export interface FakeClock extends Clock {
  /** Milliseconds later, with everything that was due meanwhile, in order. */
  pass(milliseconds: number): void
  /** What waits for its time. */
  readonly waiting: () => number
}

export function fakeClock(): FakeClock {
  const timers = new Set<{ readonly at: number; readonly run: () => void }>()
  let now = 0
  return {
    now: () => now,
    after(milliseconds, run) {
      const timer = { at: now + milliseconds, run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    pass(milliseconds) {
      const end = now + milliseconds
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)
        if (!next) break
        timers.delete(next)
        now = next.at
        next.run()
      }
      now = end
    },
    waiting: () => timers.size,
  }
}
