import {
  isFromQueue,
  type FromQueue,
  type Join,
  type ToSupervisor,
} from '../../balancing/messages.ts'
import type { Delta } from '../../entities/rows.ts'
import { Queue } from './queue.ts'
import type { Told, Upstreams } from './upstreams.ts'

/**
 * The queues of the node, one for each upstream whose targets are full. Only the first in a queue tries to get in: it is
 * told to when it becomes the first, and whenever there may be room.
 *
 * No room is missed: what a worker frees before it knows of a queue, it tells of when it hears of it.
 */
export class QueueLedger implements Upstreams {
  readonly #workers = new Set<Told>()
  readonly #queues = new Map<string, Queue>()

  join(worker: Told): void {
    this.#workers.add(worker)
    for (const upstream of this.#queues.keys()) {
      worker.tell({ type: 'queue.waiting', upstream, waiting: true })
    }
  }

  leave(worker: Told): void {
    this.#workers.delete(worker)
    for (const [upstream, queue] of this.#queues) {
      this.#change(upstream, queue, () => queue.removeAll(worker))
      // What its connections held is free.
      this.#wake(upstream)
    }
  }

  receive(worker: Told, message: ToSupervisor): void {
    if (!this.#workers.has(worker) || !isFromQueue(message)) return
    if (message.type === 'queue.join') this.#append(worker, message)
    else this.#receive(worker, message)
  }

  /** There may be more room, or none for ever: who waits finds out. */
  follow({ changes }: Delta): void {
    if (!changes.some(({ entity }) => entity === 'upstreams' || entity === 'targets')) return
    for (const upstream of this.#queues.keys()) this.#wake(upstream)
  }

  #receive(worker: Told, message: Exclude<FromQueue, Join>): void {
    const { upstream } = message
    const queue = this.#queues.get(upstream)
    if (!queue) return
    switch (message.type) {
      case 'queue.leave':
        return this.#change(upstream, queue, () => queue.remove(worker, message.ticket))
      case 'queue.yield':
        return queue.yield(worker, message.ticket)
      case 'queue.freed':
        return this.#wake(upstream)
    }
  }

  #append(worker: Told, { upstream, ticket, size }: Join): void {
    const known = this.#queues.get(upstream)
    const queue = known ?? new Queue()
    const isFull = queue.size >= size
    if (size === 0 || (isFull && !queue.someYields)) {
      return worker.tell({ type: 'queue.full', upstream, ticket })
    }
    this.#queues.set(upstream, queue)
    this.#change(upstream, queue, () => {
      const gone = isFull ? queue.removeYielding() : undefined
      gone?.worker.tell({ type: 'queue.full', upstream, ticket: gone.ticket })
      queue.append({ worker, ticket })
    })
    if (!known) this.#announce(upstream, true)
  }

  /** Whoever becomes the first by the change tries: meanwhile something may have been freed. */
  #change(upstream: string, queue: Queue, change: () => void): void {
    const { first } = queue
    change()
    if (queue.size === 0) {
      this.#queues.delete(upstream)
      this.#announce(upstream, false)
    } else if (queue.first !== first) this.#wake(upstream)
  }

  #wake(upstream: string): void {
    const first = this.#queues.get(upstream)?.first
    first?.worker.tell({ type: 'queue.turn', upstream, ticket: first.ticket })
  }

  #announce(upstream: string, waiting: boolean): void {
    for (const worker of this.#workers) worker.tell({ type: 'queue.waiting', upstream, waiting })
  }
}
