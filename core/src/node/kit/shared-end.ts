import type { Shared } from '@kong-ts/pdk'
import { checkAddition, checkSharedKey } from '@kong-ts/pdk/host'
import type { Addition } from '@kong-ts/pdk/host'
import type { AnswerNumbers, AskNumbers, NumberAnswer, NumberAsk } from './messages.ts'
import { realTiming, type Timing } from './timing.ts'

type Outcome = Exclude<NumberAnswer, { error: string }>

interface Waiting {
  readonly ask: NumberAsk
  readonly resolve: (answer: Outcome) => void
  readonly reject: (error: Error) => void
}

/** What was asked in one message. */
interface Batch {
  readonly waiting: readonly Waiting[]
  readonly endPatience: () => void
}

/** Milliseconds for the supervisor to answer: the store itself has less, so that this ends only what would hang. */
const patience = 6_000
const late = `no answer within ${patience} ms`
const stopping = 'the gateway is stopping'

/** A worker's end of the shared numbers: what is asked in one turn of the event loop is one message. */
export class SharedEnd {
  readonly #send: (message: AskNumbers) => void
  readonly #timing: Timing
  readonly #asked = new Map<number, Batch>()
  readonly #next: Waiting[] = []
  #id = 0
  #connected = true

  constructor(send: (message: AskNumbers) => void, timing: Timing = realTiming) {
    this.#send = send
    this.#timing = timing
  }

  /** The numbers of one instance. */
  of(instance: string): Shared {
    return {
      add: async (key, amount, options) => {
        const addition = checkAddition(key, amount, options)
        return this.#ask({ instance, key, ...sumOf(addition) })
      },
      get: async (key) => {
        checkSharedKey(key)
        return (await this.#ask({ instance, key })).total
      },
      parts: async (key) => {
        checkSharedKey(key)
        return (await this.#ask({ instance, key, passing: {} })).parts ?? []
      },
    }
  }

  receive({ id, answers }: AnswerNumbers): void {
    this.#settle(id, answers)
  }

  /** The supervisor is gone. */
  disconnect(): void {
    this.#connected = false
    for (const id of this.#asked.keys()) this.#settle(id, [], stopping)
    for (const { reject } of this.#next.splice(0)) reject(unreachable(stopping))
  }

  #ask(ask: NumberAsk): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (!this.#connected) return reject(unreachable(stopping))
      this.#next.push({ ask, resolve, reject })
      if (this.#next.length === 1) this.#timing.soon(() => this.#flush())
    })
  }

  #flush(): void {
    const waiting = this.#next.splice(0)
    if (waiting.length === 0) return
    const id = ++this.#id
    const endPatience = this.#timing.later(patience, () => this.#settle(id, []))
    this.#asked.set(id, { waiting, endPatience })
    this.#send({ type: 'numbers.ask', id, asks: waiting.map(({ ask }) => ask) })
  }

  #settle(id: number, answers: readonly NumberAnswer[], otherwise = late): void {
    const batch = this.#asked.get(id)
    if (!batch) return
    this.#asked.delete(id)
    batch.endPatience()
    batch.waiting.forEach(({ resolve, reject }, i) => {
      const answer = answers[i] ?? { error: otherwise }
      if ('error' in answer) reject(unreachable(answer.error))
      else resolve(answer)
    })
  }
}

function sumOf({ amount, limit, lasts }: Addition): Pick<NumberAsk, 'sum' | 'passing'> {
  return lasts.after === undefined
    ? { sum: { amount, limit, until: lasts.until } }
    : { passing: { sum: { amount, limit, ...lasts } } }
}

function unreachable(why: string): Error {
  return new Error(`shared numbers cannot be reached: ${why}`)
}
