import type { Clock } from '@kong-ts/pdk'
import type {
  OnceSubject,
  OnceToSupervisor,
  OnceToWorker,
  ResultFailed,
  ResultMade,
  WantResult,
} from './messages.ts'

interface Result {
  readonly bytes: Uint8Array
  readonly at: number
}

/** A result, who wants it, and whose turn it is to produce it. */
interface Topic extends OnceSubject {
  result: Result | undefined
  /** By worker, in the order of their wishes. */
  readonly waiting: Set<number>
  producer: { readonly worker: number; readonly turn: number } | undefined
}

interface Scope {
  readonly members: Set<number>
  readonly topics: Map<string, Topic>
}

/** The supervisor's side of `once`: it gives the turns and keeps the results, as bytes that it never looks into. */
export class OnceLedger {
  readonly #send: (worker: number, message: OnceToWorker) => void
  readonly #clock: Clock
  readonly #scopes = new Map<string, Scope>()
  #turns = 0

  constructor(send: (worker: number, message: OnceToWorker) => void, clock: Clock) {
    this.#send = send
    this.#clock = clock
  }

  /** How many instances have results, or wait for some. */
  get size(): number {
    return this.#scopes.size
  }

  receive(worker: number, message: OnceToSupervisor): void {
    switch (message.type) {
      case 'once.want':
        return this.#want(worker, message)
      case 'once.made':
        return this.#made(worker, message)
      case 'once.failed':
        return this.#failed(worker, message)
      case 'once.pass':
        return this.#pass(worker, message)
      case 'once.leave':
        return this.#leave(worker, message.scope)
    }
  }

  /** A worker is dead: its turns go to the next. */
  drop(worker: number): void {
    for (const scope of this.#scopes.keys()) this.#leave(worker, scope)
  }

  #want(worker: number, { scope: id, name, maxAge = Infinity }: WantResult): void {
    const scope = this.#scopes.get(id) ?? { members: new Set(), topics: new Map() }
    this.#scopes.set(id, scope)
    scope.members.add(worker)
    const topic = scope.topics.get(name) ?? openTopic(id, name)
    scope.topics.set(name, topic)
    const { result } = topic
    if (result && this.#clock.now() - result.at <= maxAge) return this.#tell(worker, topic, result)
    topic.waiting.add(worker)
    this.#elect(topic)
  }

  #made(worker: number, message: ResultMade): void {
    const topic = this.#producing(worker, message)
    if (!topic) return
    const result = { bytes: message.bytes, at: this.#clock.now() }
    topic.result = result
    this.#answer(topic, (each) => this.#tell(each, topic, result))
  }

  #failed(worker: number, message: ResultFailed): void {
    const topic = this.#producing(worker, message)
    if (!topic) return
    this.#answer(topic, (each) => this.#send(each, { ...message, type: 'once.failure' }))
  }

  #pass(worker: number, message: OnceSubject & { readonly turn: number }): void {
    const topic = this.#producing(worker, message)
    if (!topic) return
    topic.waiting.delete(worker)
    topic.producer = undefined
    this.#elect(topic)
  }

  #leave(worker: number, id: string): void {
    const scope = this.#scopes.get(id)
    if (!scope?.members.delete(worker)) return
    if (scope.members.size === 0) this.#scopes.delete(id)
    for (const topic of scope.topics.values()) {
      topic.waiting.delete(worker)
      if (topic.producer?.worker === worker) topic.producer = undefined
      this.#elect(topic)
    }
  }

  #answer(topic: Topic, tell: (worker: number) => void): void {
    const waiting = [...topic.waiting]
    topic.waiting.clear()
    topic.producer = undefined
    for (const worker of waiting) tell(worker)
  }

  #elect(topic: Topic): void {
    const [worker] = topic.waiting
    if (topic.producer || worker === undefined) return
    const { scope, name } = topic
    const turn = ++this.#turns
    topic.producer = { worker, turn }
    this.#send(worker, { type: 'once.turn', scope, name, turn })
  }

  /** The topic of which it is this worker's very turn. */
  #producing(
    worker: number,
    { scope, name, turn }: OnceSubject & { readonly turn: number },
  ): Topic | undefined {
    const topic = this.#scopes.get(scope)?.topics.get(name)
    const isTurn = topic?.producer?.worker === worker && topic.producer.turn === turn
    return isTurn ? topic : undefined
  }

  #tell(worker: number, { scope, name }: OnceSubject, { bytes, at }: Result): void {
    this.#send(worker, { type: 'once.result', scope, name, bytes, at })
  }
}

function openTopic(scope: string, name: string): Topic {
  return { scope, name, result: undefined, waiting: new Set(), producer: undefined }
}
