import type { Clock, Once } from '../kit.ts'

interface Kept {
  readonly value: unknown
  readonly at: number
}

/** `once` for a single instance: who asks while it is produced waits, who asks later gets what is young enough. */
export function localOnce(plugin: string, clock: Clock, signal: AbortSignal): Once {
  const kept = new Map<string, Kept>()
  const running = new Map<string, Promise<unknown>>()
  const run = async (name: string, produce: (signal: AbortSignal) => Promise<unknown>) => {
    try {
      const value: unknown = structuredClone(await produce(signal))
      kept.set(name, { value, at: clock.now() })
      return value
    } finally {
      running.delete(name)
    }
  }
  const ask = (
    name: string,
    produce: (signal: AbortSignal) => Promise<unknown>,
    maxAge: number,
  ): Promise<unknown> => {
    if (signal.aborted) {
      return Promise.reject(
        new Error(`plugin ${plugin} is torn down: nothing is produced any more`),
      )
    }
    const result = kept.get(name)
    if (result && clock.now() - result.at <= maxAge) return Promise.resolve(result.value)
    const known = running.get(name)
    if (known) return known
    const started = Promise.resolve().then(() => run(name, produce))
    running.set(name, started)
    return started
  }
  return (name, produce, { maxAge = Infinity } = {}) => cast(ask(name, produce, maxAge))
}

/** One name stands for one kind of result; only its author knows which. */
function cast<T>(result: Promise<unknown>): Promise<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return result as Promise<T>
}
