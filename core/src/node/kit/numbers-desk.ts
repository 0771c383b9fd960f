import type { Clock } from '@kong-ts/pdk'
import type { Numbers, Sum, Swap } from '../../store/numbers.ts'
import { Gathering } from './gathering.ts'
import type { NumberAnswer, NumberAsk } from './messages.ts'
import { NumberQueue } from './number-queue.ts'
import { PartsQueue } from './parts-queue.ts'

/** The supervisor's side of the shared numbers. */
export class NumbersDesk {
  readonly #numbers: Numbers
  readonly #clock: Clock
  readonly #lasting = new Gathering<NumberQueue>(
    (ask) => new NumberQueue(ask),
    (queues) => this.#serveRound(queues),
  )
  /** Numbers that what is added leaves again. */
  readonly #passing = new Gathering<PartsQueue>(
    (ask) => new PartsQueue(ask),
    (queues) => this.#servePassing(queues),
  )

  constructor(numbers: Numbers, clock: Clock) {
    this.#numbers = numbers
    this.#clock = clock
  }

  /** Answers in the order of what is asked; never rejects. */
  ask(asks: readonly NumberAsk[]): Promise<readonly NumberAnswer[]> {
    const answers = asks.map((ask) => (ask.passing ? this.#passing : this.#lasting).join(ask))
    this.#lasting.serve()
    this.#passing.serve()
    return Promise.all(answers)
  }

  async #serveRound(queues: readonly NumberQueue[]): Promise<void> {
    const now = this.#clock.now()
    const adding: NumberQueue[] = []
    const reading: NumberQueue[] = []
    const sums: Sum[] = []
    for (const queue of queues) {
      const sum = queue.next()
      if (sum) sums.push(sum)
      ;(sum ? adding : reading).push(queue)
    }
    const [added, seen] = await Promise.all([
      sums.length > 0 ? this.#numbers.add(sums, now) : [],
      reading.length > 0 ? this.#numbers.read(reading, now) : [],
    ])
    adding.forEach((queue, i) => queue.added(added[i]))
    reading.forEach((queue, i) => queue.seen(seen[i] ?? 0))
  }

  async #servePassing(queues: readonly PartsQueue[]): Promise<void> {
    const versions = await this.#numbers.look(queues)
    const now = this.#clock.now()
    const changing: PartsQueue[] = []
    const swaps: Swap[] = []
    for (const [i, queue] of queues.entries()) {
      const swap = queue.seen(versions[i], now)
      if (!swap) continue
      changing.push(queue)
      swaps.push(swap)
    }
    if (swaps.length === 0) return
    const swapped = await this.#numbers.swap(swaps)
    changing.forEach((queue, i) => queue.swapped(swapped[i] ?? false))
  }
}
