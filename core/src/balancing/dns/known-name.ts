import type { Answer } from '../names.ts'
import { isSameAnswer } from './answers.ts'
import type { Clock } from './clock.ts'
import type { LookedUp, LookUp, Step } from './look-up.ts'
import type { Found, Outcome } from './outcome.ts'

/** How long answers hold, in milliseconds. */
export interface Lifetimes {
  /** Goes before what the records say. */
  readonly valid: number | undefined
  readonly stale: number
  readonly notFound: number
  readonly error: number
}

export interface KnownNameDeps {
  readonly lookUp: LookUp
  readonly clock: Clock
  readonly lifetimes: Lifetimes
  /** From 0 up to 1. */
  readonly random: () => number
}

/** Milliseconds from the end of one look-up to the next one, at least: what a TTL of 0 costs. */
const leastTime = 1000

/** Milliseconds that somebody waits for a new answer while an old one is at hand. */
const patience = 500

/** The part of its time by which an answer is renewed later, at most, and the most in milliseconds. */
const [jitter, mostJitter] = [0.1, 1000]

interface Watcher {
  readonly changed: (answer: Answer) => void
  told: Answer | undefined
}

/**
 * What is known of one name: one look-up under way at most. An answer that somebody has used or watches is renewed
 * when its time is over, and serves meanwhile; one that nobody has used for longer than its time is asked for anew.
 */
export class KnownName {
  readonly #host: string
  readonly #deps: KnownNameDeps
  readonly #watchers = new Set<Watcher>()
  #answer: Answer | undefined
  /** The last answer that had addresses, and until when it may serve. */
  #good: { readonly answer: Answer; readonly until: number } | undefined
  /** What the name has, and what it seems to have. */
  #step: Step | undefined
  #guess: Step | undefined
  /** Present while the answer is not to be asked for again. */
  #cancel: (() => void) | undefined
  #asking: Promise<Answer> | undefined
  /** Nobody has to wait for the look-up under way. */
  #isBackground = false
  #isUsed = false

  constructor(host: string, deps: KnownNameDeps) {
    this.#host = host
    this.#deps = deps
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0
  }

  resolve(): Answer | Promise<Answer> {
    this.#isUsed = true
    const answer = this.#answer
    if (answer && this.#cancel) return answer
    const old = this.#usable()
    const asking = this.#asking ?? this.#ask(old?.error !== undefined)
    if (!old) return asking
    return this.#isBackground ? old : this.#within(asking, old)
  }

  watch(changed: (answer: Answer) => void): () => void {
    const watcher: Watcher = { changed, told: undefined }
    this.#watchers.add(watcher)
    const known = this.#cancel ? this.#answer : this.#usable()
    if (known) tell(watcher, known)
    if (!this.#cancel && !this.#asking) void this.#ask(true)
    return () => void this.#watchers.delete(watcher)
  }

  /** Nobody asks for it any more. */
  forget(): void {
    this.#cancel?.()
  }

  /** What may be served although its time is over. */
  #usable(): Answer | undefined {
    const { clock } = this.#deps
    if (!this.#good || clock.now() >= this.#good.until) return undefined
    return this.#answer
  }

  #ask(isBackground: boolean): Promise<Answer> {
    this.#isBackground = isBackground
    this.#asking = this.#deps.lookUp(this.#host, this.#step).then((looked) => {
      this.#asking = undefined
      this.#remember(looked)
      return this.#take(looked.outcome)
    })
    return this.#asking
  }

  /** What was found without asking says nothing of what servers have; a doubt has to come twice. */
  #remember({ step, isUnsure }: LookedUp): void {
    if (step !== undefined && (isUnsure !== true || step === this.#guess)) this.#step = step
    this.#guess = step
  }

  #within(asking: Promise<Answer>, old: Answer): Promise<Answer> {
    return new Promise((resolve) => {
      const stop = this.#deps.clock.after(patience, () => {
        // Whoever comes now does not wait at all.
        this.#isBackground = true
        resolve(old)
      })
      void asking.then((answer) => {
        stop()
        resolve(answer)
      })
    })
  }

  #take(outcome: Outcome): Answer {
    const { lifetimes, clock } = this.#deps
    if (outcome.is === 'found') return this.#takeGood(outcome, clock.now())
    const { error } = outcome
    const nothing: Answer = { addresses: [], type: this.#answer?.type ?? 'A', error }
    if (outcome.is === 'none') {
      this.#good = undefined
      return this.#hold(nothing, lifetimes.notFound)
    }
    const good = this.#usable() && this.#good
    return this.#hold(good ? { ...good.answer, error } : nothing, lifetimes.error)
  }

  #takeGood({ addresses, type, ttl, isLocal }: Found, now: number): Answer {
    const { valid = ttl * 1000, stale } = this.#deps.lifetimes
    const time = Math.max(leastTime, isLocal === true ? ttl * 1000 : valid)
    const next: Answer = { addresses, type }
    // The same answer stays the same object, by which turns are taken.
    const before = this.#good?.answer
    const answer = before && isSameAnswer(before, next) ? before : next
    this.#good = { answer, until: now + time + stale }
    return this.#hold(answer, time)
  }

  #hold(answer: Answer, time: number): Answer {
    const { clock, random } = this.#deps
    this.#answer = answer
    this.#isUsed = false
    const least = Math.max(leastTime, time)
    const later = Math.min(mostJitter, least * jitter) * random()
    this.#cancel = clock.after(least + later, () => this.#expire())
    for (const watcher of this.#watchers) tell(watcher, answer)
    return answer
  }

  #expire(): void {
    this.#cancel = undefined
    if (this.#isUsed || this.isWatched) void this.#ask(true)
  }
}

function tell(watcher: Watcher, answer: Answer): void {
  if (watcher.told && isSameAnswer(watcher.told, answer)) return
  watcher.told = answer
  watcher.changed(answer)
}
