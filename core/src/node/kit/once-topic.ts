import type { Clock } from '@kong-ts/pdk'
import type { OnceSubject, OnceToSupervisor } from './messages.ts'

/** Somebody in this worker who waits for a result. */
export interface Caller {
  readonly produce: (signal: AbortSignal) => Promise<unknown>
  /** Of its instance. */
  readonly signal: AbortSignal
  readonly maxAge: number
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

interface Result {
  readonly value: unknown
  readonly at: number
}

/** One result in one worker: who waits for it here, and whether it is this worker's turn. */
export class OnceTopic {
  readonly #subject: OnceSubject
  readonly #send: (message: OnceToSupervisor) => void
  readonly #clock: Clock
  #callers: Caller[] = []
  #result: Result | undefined
  #isAsked = false
  /** The turn that this worker has, whose instance took it, and what it failed with. */
  #running: { readonly turn: number; readonly signal: AbortSignal; error?: Error } | undefined

  constructor(subject: OnceSubject, send: (message: OnceToSupervisor) => void, clock: Clock) {
    this.#subject = subject
    this.#send = send
    this.#clock = clock
  }

  ask(wish: Omit<Caller, 'resolve' | 'reject' | 'since'>): Promise<unknown> {
    const since = this.#clock.now()
    if (this.#result && since - this.#result.at <= wish.maxAge) {
      return Promise.resolve(this.#result.value)
    }
    return new Promise((resolve, reject) => {
      this.#callers.push({ ...wish, since, resolve, reject })
      this.#want()
    })
  }

  /** It is this worker's turn: whoever waits longest takes it. */
  take(turn: number): Caller | undefined {
    const [caller] = this.#callers
    this.#isAsked = caller !== undefined
    if (caller) this.#running = { turn, signal: caller.signal }
    return caller
  }

  made(turn: number, bytes: Uint8Array): void {
    if (this.#running?.turn === turn) {
      this.#send({ type: 'once.made', ...this.#subject, turn, bytes })
    }
  }

  failed(turn: number, error: Error): void {
    if (this.#running?.turn !== turn) return
    this.#running.error = error
    this.#send({ type: 'once.failed', ...this.#subject, turn, message: error.message })
  }

  succeed(result: Result): void {
    this.#result = result
    this.#isAsked = false
    this.#running = undefined
    const now = this.#clock.now()
    const isGood = ({ since, maxAge }: Caller): boolean =>
      result.at >= since || now - result.at <= maxAge
    const callers = this.#callers
    this.#callers = callers.filter((caller) => !isGood(caller))
    for (const caller of callers) if (isGood(caller)) caller.resolve(result.value)
    this.#want()
  }

  fail(turn: number, message: string): void {
    const error = this.#running?.turn === turn ? this.#running.error : undefined
    this.reject(error ?? new Error(message))
  }

  /** Nobody who waits gets a result. */
  reject(error: Error): void {
    this.#isAsked = false
    this.#running = undefined
    for (const caller of this.#callers.splice(0)) caller.reject(error)
  }

  /** An instance is torn down. */
  leave(signal: AbortSignal): void {
    const leaving = this.#callers.filter((caller) => caller.signal === signal)
    this.#callers = this.#callers.filter((caller) => caller.signal !== signal)
    for (const { reject } of leaving) reject(new Error('the instance is torn down'))
    if (this.#running?.signal !== signal) return
    const { turn } = this.#running
    this.#running = undefined
    this.#isAsked = false
    this.#send({ type: 'once.pass', ...this.#subject, turn })
    this.#want()
  }

  #want(): void {
    const [first] = this.#callers
    if (this.#isAsked || !first) return
    this.#isAsked = true
    const maxAge = first.maxAge === Infinity ? undefined : first.maxAge
    this.#send({ type: 'once.want', ...this.#subject, maxAge })
  }
}
