import { isToQueue, type ToSupervisor, type ToWorker } from './messages.ts'
import { Queues } from './queues.ts'
import { Standing } from './standing.ts'

/** A worker's end of what it and the supervisor tell each other of upstreams. */
export class UpstreamsEnd {
  readonly standing = new Standing()
  readonly queues: Queues
  readonly tell: (message: ToSupervisor) => void

  /** @param tell must keep the order, also with what counters tell */
  constructor(tell: (message: ToSupervisor) => void) {
    this.tell = tell
    this.queues = new Queues(tell)
  }

  receive(message: ToWorker): void {
    if (isToQueue(message)) return this.queues.receive(message)
    this.standing.receive(message)
    // A target that recovers has room for those that wait.
    if (message.type === 'health') this.queues.freed(message.upstream)
  }
}
