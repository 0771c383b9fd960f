import type { FromQueue, ToQueue } from './messages.ts'

/** A place in the queue of an upstream. */
export interface Place {
  /** Resolves when it is this place's turn to try, as often as there may be room; `full` when there is no place. */
  next(): Promise<'turn' | 'full'>
  /** From now on it goes first when somebody else finds no place. */
  yield(): void
  /** Has to be called, whatever came of it. */
  leave(): void
}

/** A worker's end of the queues of its node: connections that wait for upstreams whose targets are full. */
export class Queues {
  readonly #tell: (message: FromQueue) => void
  readonly #places = new Map<number, WaitingPlace>()
  /** Upstreams for which connections wait, on whatever worker. */
  readonly #waiting = new Set<string>()
  #tickets = 0

  /** @param tell must keep the order, also with what counters tell of permits */
  constructor(tell: (message: FromQueue) => void) {
    this.#tell = tell
  }

  /** Whether others came before: who passes them by would take what is theirs. */
  isWaitedFor(upstream: string): boolean {
    return this.#waiting.has(upstream)
  }

  /** @param size how many may wait on this node */
  join(upstream: string, size: number): Place {
    const ticket = ++this.#tickets
    const place = new WaitingPlace({
      yield: () => this.#tell({ type: 'queue.yield', upstream, ticket }),
      leave: () => {
        if (this.#places.delete(ticket)) this.#tell({ type: 'queue.leave', upstream, ticket })
      },
    })
    this.#places.set(ticket, place)
    // Those of this worker that come now are to wait behind it, before the supervisor says so.
    this.#waiting.add(upstream)
    this.#tell({ type: 'queue.join', upstream, ticket, size })
    return place
  }

  /** A permit of the upstream or of one of its targets was released, or another one of its targets takes connections. */
  freed(upstream: string): void {
    if (this.#waiting.has(upstream)) this.#tell({ type: 'queue.freed', upstream })
  }

  receive(message: ToQueue): void {
    switch (message.type) {
      case 'queue.turn':
        return this.#places.get(message.ticket)?.call('turn')
      case 'queue.full':
        return this.#places.get(message.ticket)?.call('full')
      case 'queue.waiting':
        return this.#note(message.upstream, message.waiting)
    }
  }

  #note(upstream: string, waiting: boolean): void {
    if (!waiting) {
      this.#waiting.delete(upstream)
      return
    }
    this.#waiting.add(upstream)
    // What was freed before this was known here was not told of.
    this.#tell({ type: 'queue.freed', upstream })
  }
}

class WaitingPlace implements Place {
  readonly yield: () => void
  readonly leave: () => void
  #called: 'turn' | 'full' | undefined
  #hear: ((word: 'turn' | 'full') => void) | undefined

  constructor(tells: { yield(): void; leave(): void }) {
    this.yield = () => tells.yield()
    this.leave = () => tells.leave()
  }

  next(): Promise<'turn' | 'full'> {
    return new Promise((resolve) => {
      this.#hear = resolve
      this.#pass()
    })
  }

  /** A turn that comes while the place still tries is kept; several are one. */
  call(word: 'turn' | 'full'): void {
    if (this.#called !== 'full') this.#called = word
    this.#pass()
  }

  #pass(): void {
    if (!this.#called || !this.#hear) return
    const [word, hear] = [this.#called, this.#hear]
    this.#called = undefined
    this.#hear = undefined
    hear(word)
  }
}
