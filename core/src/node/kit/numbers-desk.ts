import type { Clock } from '@kong-ts/pdk'
import { messageOf } from '../../errors/message-of.ts'
import type { Numbers, Sum } from '../../store/numbers.ts'
import type { NumberAnswer, NumberAsk } from './messages.ts'
import { NumberQueue } from './number-queue.ts'

/** How often a number may be changed by others between a look at it and an addition, one after the other. */
const mostRounds = 100

/**
 * The supervisor's side of the shared numbers. While the store is at work, what the workers ask meanwhile gathers: a busy
 * number is one statement at a time, however many add to it.
 */
export class NumbersDesk {
  readonly #numbers: Numbers
  readonly #clock: Clock
  #gathered = new Map<string, NumberQueue>()
  #isServing = false

  constructor(numbers: Numbers, clock: Clock) {
    this.#numbers = numbers
    this.#clock = clock
  }

  /** Answers in the order of what is asked; never rejects. */
  ask(asks: readonly NumberAsk[]): Promise<readonly NumberAnswer[]> {
    const answers = asks.map(
      (ask) => new Promise<NumberAnswer>((settle) => this.#queueOf(ask).push({ ask, settle })),
    )
    if (!this.#isServing) void this.#serve()
    return Promise.all(answers)
  }

  #queueOf(ask: NumberAsk): NumberQueue {
    const name = `${ask.instance}\0${ask.key}`
    const known = this.#gathered.get(name)
    if (known) return known
    const queue = new NumberQueue(ask)
    this.#gathered.set(name, queue)
    return queue
  }

  async #serve(): Promise<void> {
    this.#isServing = true
    while (this.#gathered.size > 0) {
      const queues = this.#take()
      try {
        await this.#serveAll(queues)
      } catch (error) {
        // Who has come meanwhile would wait as long for the same answer.
        for (const queue of [...queues, ...this.#take()]) queue.fail(messageOf(error))
      }
    }
    this.#isServing = false
  }

  #take(): readonly NumberQueue[] {
    const queues = [...this.#gathered.values()]
    this.#gathered = new Map()
    return queues
  }

  async #serveAll(queues: readonly NumberQueue[]): Promise<void> {
    let open = queues
    for (let round = 0; open.length > 0; round++) {
      if (round === mostRounds) throw new Error('others change the same numbers all the time')
      await this.#serveRound(open)
      open = open.filter(({ isDone }) => !isDone)
    }
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
}
