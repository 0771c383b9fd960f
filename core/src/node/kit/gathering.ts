import { messageOf } from '../../errors/message-of.ts'
import type { NumberAnswer, NumberAsk } from './messages.ts'

/** One of those that wait for a number. */
export interface NumberAsker {
  readonly ask: NumberAsk
  readonly settle: (answer: NumberAnswer) => void
}

/** Those that wait for one number. */
export interface Queue {
  readonly isDone: boolean
  push(asker: NumberAsker): void
  fail(error: string): void
}

/** What queues for numbers of every kind have in common. */
export class AskerQueue implements Queue {
  readonly instance: string
  readonly key: string
  protected readonly askers: NumberAsker[] = []

  constructor({ instance, key }: Pick<NumberAsk, 'instance' | 'key'>) {
    this.instance = instance
    this.key = key
  }

  get isDone(): boolean {
    return this.askers.length === 0
  }

  push(asker: NumberAsker): void {
    this.askers.push(asker)
  }

  fail(error: string): void {
    for (const { settle } of this.askers.splice(0)) settle({ error })
  }
}

/** How often a number may be changed by others between a look at it and a change, one after the other. */
const mostRounds = 100

/**
 * While the store is at work, what is asked meanwhile gathers: a busy number is one statement at a time, however many
 * ask for it.
 */
export class Gathering<Q extends Queue> {
  readonly #open: (ask: NumberAsk) => Q
  readonly #serveRound: (queues: readonly Q[]) => Promise<void>
  #gathered = new Map<string, Q>()
  #isServing = false

  /** @param serveRound gets some of those that wait one step further; those that are not done come again */
  constructor(open: (ask: NumberAsk) => Q, serveRound: (queues: readonly Q[]) => Promise<void>) {
    this.#open = open
    this.#serveRound = serveRound
  }

  /** Waits until somebody serves; never rejects. */
  join(ask: NumberAsk): Promise<NumberAnswer> {
    return new Promise((settle) => this.#queueOf(ask).push({ ask, settle }))
  }

  /** Serves those who wait, unless it is at it. */
  serve(): void {
    if (!this.#isServing) void this.#serve()
  }

  #queueOf(ask: NumberAsk): Q {
    const name = `${ask.instance}\0${ask.key}`
    const known = this.#gathered.get(name)
    if (known) return known
    const queue = this.#open(ask)
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

  #take(): readonly Q[] {
    const queues = [...this.#gathered.values()]
    this.#gathered = new Map()
    return queues
  }

  async #serveAll(queues: readonly Q[]): Promise<void> {
    let open = queues
    for (let round = 0; open.length > 0; round++) {
      if (round === mostRounds) throw new Error('others change the same numbers all the time')
      await this.#serveRound(open)
      open = open.filter(({ isDone }) => !isDone)
    }
  }
}
